import { expect, it } from 'vitest'
import { flood } from './support/flood.ts'

/** Held in memory, it would be seen; crash-long/big-output.test.ts has eight agents with 1 GB each. */
it('two agents at once print 50 MB each: memory below 120 MB, every log exact to the byte', async () => {
  const { peakMemory, ...rest } = await flood(['WP04', 'WP05'], 50_000_000, 170_000)

  expect(rest).toEqual({ differing: [], exitCode: 0, notDone: [] })
  expect(peakMemory).toBeLessThan(120_000_000)
}, 180_000)
