import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { processesWithMarker } from '../cli/support/leaks.ts'
import { realHost } from './support/real-host.ts'
import { type RealScenario, realScenario } from './support/scenario.ts'
import { expectDone } from './support/straight.ts'

const callsBetween = 6

it('a run whose warm host is killed again and again ends as any other, with no step taken twice', async () => {
  const scenario = await realScenario({
    shape: 'fork',
    topology: 'lanes',
    config: `host: {command: '${realHost()}'}\n`,
  })
  const sko = scenario.start('orchestrate', '--mission', scenario.mission, '--merge', 'merge')
  let running = true
  void sko.exited.finally(() => {
    running = false
  })
  const killed = new Set<number>()
  for (let wanted = 1; running; await sleep(20)) {
    const [helper] = helpersOf(scenario).filter(pid => !killed.has(pid))
    if (helper === undefined || callsOf(scenario).length < wanted) continue
    process.kill(helper, 'SIGKILL')
    killed.add(helper)
    wanted = callsOf(scenario).length + callsBetween
  }
  const result = await sko.exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(result.stdout).toContain('3 of 3 work packages approved or done, merged, accepted')
  expectDone(scenario)
  expect(killed.size).toBeGreaterThan(2)
  expect(result.events().filter(({ type }) => type === 'host-cold')).toEqual([])
})

/** The processes that keep the host imported. Those of calls have another parent's arguments, and lead a session too. */
function helpersOf({ repo }: RealScenario): readonly number[] {
  const pids = processesWithMarker('SKO_REPO', repo).filter(({ command }) => command.includes('warm-host.py'))
  const own = new Set(pids.map(({ pid }) => pid))
  return [...own].filter(pid => !own.has(parentOf(pid)))
}

function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

/** The host calls that have ended. */
function callsOf({ repo }: RealScenario): readonly string[] {
  const logs = join(repo, '.kittify', 'logs')
  try {
    const [run = ''] = readdirSync(logs)
    const lines = readFileSync(join(logs, run, 'orchestrator.log'), 'utf8').split('\n')
    return lines.filter(line => line.includes('"host call"'))
  } catch {
    return []
  }
}
