import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { useRig } from './run-fixture.ts'

/** Far longer than the silences: a busy machine makes them longer. */
const limitSeconds = 6

/** A little work twelve times, and 1.1 s of silence after each. */
const twelveTimes = (work: string) => `for round in 1 2 3 4 5 6 7 8 9 10 11 12; do ${work}; sleep 1.1; done`

/** In each case no processor time could pass for work but where computing is the sign. */
const busy = [
  ['prints a byte', twelveTimes('printf .'), 1],
  ['computes', twelveTimes('i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done'), 0.001],
  ['writes deep in its worktree, the time set back', twelveTimes('echo x > a/b/c; touch -d 2020-01-01 a/b/c'), 1],
] as const

describe('alive or stuck', () => {
  const rig = useRig()

  it('three agents that are slow but busy end by themselves, a silent one is stopped', async () => {
    const runIn = (name: string, script: string, idleShare: number) => {
      const cwd = join(rig().folder, name)
      mkdirSync(join(cwd, 'a', 'b'), { recursive: true })
      const log = (stream: string) => join(rig().folder, `${name}.${stream}.log`)
      return rig().run('/bin/sh', ['-c', script], {
        ...{ cwd, idleShare, stdoutFile: log('out'), stderrFile: log('err'), inactivitySeconds: limitSeconds },
        marker: { name: 'SKO_TEST', value: `${rig().token} ${name}` },
      })
    }
    const running = busy.map(([name, script, idleShare]) => runIn(name, script, idleShare))
    const silent = await runIn('is silent', `exec sleep ${rig().token}`, 0.03)

    expect(silent.end).toEqual({ kind: 'stalled', seconds: limitSeconds })
    expect(silent.elapsedMs).toBeLessThan((limitSeconds + 50) * 1000)
    for (const { end, elapsedMs } of await Promise.all(running)) {
      expect(end).toEqual({ kind: 'exited', code: 0 })
      expect(elapsedMs).toBeGreaterThan(2 * limitSeconds * 1000)
    }
  })

  itInFull('a silent agent with a silent tree is warned of once and stopped whole', async () => {
    const run = rig().run('agent-tree.sh', ['leaves-session', rig().token], { inactivitySeconds: 8 })
    expect((await run).end).toEqual({ kind: 'stalled', seconds: 8 })
    // Seconds: from half of the limit, and a look that comes late counts for 2 more at most.
    expect(rig().quiet.map(seconds => seconds >= 4 && seconds < 8)).toEqual([true])
  })

  it('an agent that waits for a computing child in a session of its own is not', async () => {
    const script = `setsid ${process.execPath} -e 'const e = Date.now() + 4000; while (Date.now() < e);' & wait`
    const { end } = await rig().run('/bin/sh', ['-c', script], { inactivitySeconds: 2, idleShare: 0.001 })
    expect(end).toEqual({ kind: 'exited', code: 0 })
  })
})
