import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identify } from '../../src/process/table/identity.ts'
import { reapOrphans } from '../../src/process/table/orphans.ts'
import { readProcess } from '../../src/process/table/process-table.ts'
import { useParents } from './dying-parent.ts'
import { eventually, processesWith } from './leaks.ts'
import { useRig } from './run-fixture.ts'

describe('a runner in a process of its own', () => {
  const rig = useRig()
  const startParent = useParents(rig)

  it('does not count the time for which it was stopped', async () => {
    const limits = { timeoutSeconds: 5.5, inactivitySeconds: 5 }
    const parent = startParent(limits, '/bin/sh', '-c', 'mkfifo gate; echo ready; read -r _ < gate')
    const { pid } = await parent.started()
    await rig().ready()
    process.kill(parent.pid, 'SIGSTOP')
    await eventually(() => ageSeconds(pid) > limits.timeoutSeconds, 'the agent is older than its limits')
    process.kill(parent.pid, 'SIGCONT')
    writeFileSync(join(rig().folder, 'gate'), 'go\n')
    await parent.exit
    expect(parent.lines().at(-1)).toMatchObject({ end: { kind: 'exited', code: 0 } })
  })

  it('killed: its agent keeps running until it is reaped', async () => {
    const parent = startParent({}, 'agent-tree.sh', 'leaves-session', rig().token)
    const started = await parent.started()
    await rig().ready()
    await parent.kill()
    expect(started).toEqual(identify(started.pid))
    const left = processesWith(rig().token).length
    const marker = { name: 'SKO_TEST', value: rig().token }
    expect(left).toBeGreaterThan(2)
    expect(await reapOrphans({ marker, identities: [started], graceSeconds: 1, spared: [] })).toBe(left)
    expect(processesWith(rig().token)).toEqual([])
  })
})

function ageSeconds(pid: number): number {
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'))
  return uptime - Number(readProcess(pid)?.startTime) / 100
}
