import { describe, expect, it } from 'vitest'
import { useRig } from './run-fixture.ts'

describe('stalled', () => {
  const rig = useRig()

  it('a silent agent is stopped', async () => {
    const { end, elapsedMs } = await rig().run('agent-talk.mjs', ['silent'], { inactivitySeconds: 1 })
    expect(end).toEqual({ kind: 'stalled', seconds: 1 })
    expect(elapsedMs).toBeLessThan(10_000)
  })

  it('a silent agent with a silent tree is stopped whole', async () => {
    const run = rig().run('agent-tree.sh', ['leaves-session', rig().token], { inactivitySeconds: 1 })
    expect((await run).end).toEqual({ kind: 'stalled', seconds: 1 })
  })

  it('an agent that only computes is not', async () => {
    const { end, elapsedMs } = await rig().run('agent-talk.mjs', ['busy-until', '3000'], { inactivitySeconds: 1.5 })
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(elapsedMs).toBeGreaterThan(3000)
  })

  it('an agent that waits for a computing child in a session of its own is not', async () => {
    const script = `setsid ${process.execPath} -e 'const e = Date.now() + 3000; while (Date.now() < e);' & wait`
    const { end } = await rig().run('/bin/sh', ['-c', script], { inactivitySeconds: 1.5 })
    expect(end).toEqual({ kind: 'exited', code: 0 })
  })

  it('an agent that prints now and then is not', async () => {
    const { end } = await rig().run('agent-talk.mjs', ['slow-printer', '10'], { inactivitySeconds: 1.5 })
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(rig().stdout()).toBe('.'.repeat(10))
  })
})
