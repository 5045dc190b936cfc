import { expect, it, vi } from 'vitest'
import { useRig } from './run-fixture.ts'

const rig = useRig()

// As on a machine with too much to do: every pause of the watch ends 2.5 s late.
vi.mock('node:timers/promises', async importOriginal => {
  const timers = await importOriginal<typeof import('node:timers/promises')>()
  const late: typeof timers.setTimeout = (ms = 0, value, options) =>
    timers.setTimeout(ms < 500 ? ms : ms + 2500, value, options)
  return { ...timers, setTimeout: late }
})

it('an agent is stopped also where every pause ends late', async () => {
  const { end } = await rig().run('/bin/sh', ['-c', 'sleep 10'], { timeoutSeconds: 1 })
  expect(end).toEqual({ kind: 'timed-out', seconds: 1 })
})
