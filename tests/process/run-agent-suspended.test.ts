import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identify } from '../../src/process/identity.ts'
import { reapOrphans } from '../../src/process/orphans.ts'
import { readProcess } from '../../src/process/process-table.ts'
import { useCompiled } from './compiled.ts'
import { eventually, processesWith } from './leaks.ts'
import { useRig } from './run-fixture.ts'

describe('a runner in a process of its own', () => {
  const rig = useRig()
  const compiled = useCompiled(['.', 'core', 'process'])

  function startRunner(changes: object, fixture: readonly string[]) {
    const file = (name: string) => join(rig().folder, name)
    const spec = {
      file: fixture[0],
      args: fixture.slice(1),
      cwd: rig().folder,
      env: { PATH: process.env.PATH },
      stdinFile: null,
      stdoutFile: rig().stdoutFile,
      stderrFile: file('a.err.log'),
      timeoutSeconds: 50,
      inactivitySeconds: 50,
      idleShare: 0.03,
      graceSeconds: 1,
      marker: { name: 'SKO_TEST', value: rig().token },
      ...changes,
    }
    const runner = spawn(
      process.execPath,
      [resolve('fixtures/bin/agent-runner.mjs'), compiled(), JSON.stringify(spec)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let output = ''
    runner.stdout.on('data', chunk => {
      output += chunk
    })
    const lines = () =>
      output
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    const exit = new Promise<void>(done => runner.once('close', () => done()))
    return { pid: runner.pid ?? 0, lines, exit, started: () => eventually(() => output.includes('\n'), 'started') }
  }

  it('does not count the time for which it was stopped', async () => {
    const limits = { timeoutSeconds: 5.5, inactivitySeconds: 5 }
    const runner = startRunner(limits, ['/bin/sh', '-c', 'mkfifo gate; echo ready; read -r _ < gate'])
    await runner.started()
    await rig().ready()
    const agent = runner.lines()[0].started.pid
    process.kill(runner.pid, 'SIGSTOP')
    await eventually(() => ageSeconds(agent) > limits.timeoutSeconds, 'the agent is older than its limits')
    process.kill(runner.pid, 'SIGCONT')
    writeFileSync(join(rig().folder, 'gate'), 'go\n')
    await runner.exit
    expect(runner.lines().at(-1)).toMatchObject({ end: { kind: 'exited', code: 0 } })
  })

  it('killed: its agent goes on until it is reaped', async () => {
    const runner = startRunner({}, [resolve('fixtures/bin/agent-tree.sh'), 'leaves-session', rig().token])
    await runner.started()
    await rig().ready()
    process.kill(runner.pid, 'SIGKILL')
    await runner.exit
    const [{ started }] = runner.lines()
    expect(started).toEqual(identify(started.pid))
    const left = processesWith(rig().token).length
    const marker = { name: 'SKO_TEST', value: rig().token }
    expect(left).toBeGreaterThan(1)
    expect(await reapOrphans({ marker, identities: [started], graceSeconds: 1 })).toBe(left)
    expect(processesWith(rig().token)).toEqual([])
  })
})

function ageSeconds(pid: number): number {
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'))
  return uptime - Number(readProcess(pid)?.startTime) / 100
}
