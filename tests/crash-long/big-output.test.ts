import { expect, it } from 'vitest'
import { flood, floodingWps } from '../cli/support/flood.ts'

it('eight agents at once print 1 GB each: memory below 120 MB, every log exact to the byte', async () => {
  const { peakMemory, ...rest } = await flood(floodingWps, 1_000_000_000, 1_500_000)

  console.log(`peak resident memory of sko: ${Math.round(peakMemory / 1e6)} MB`)
  expect(rest).toEqual({ differing: [], exitCode: 0, notDone: [] })
  expect(peakMemory).toBeLessThan(120_000_000)
}, 1_600_000)
