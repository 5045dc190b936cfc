import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { realHost } from './support/real-host.ts'
import { realScenario } from './support/scenario.ts'
import { expectDone } from './support/straight.ts'
import { endedCalls, warmProcesses } from './support/warm-processes.ts'

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
    const [helper] = warmProcesses(scenario.repo).helpers.filter(pid => !killed.has(pid))
    if (helper === undefined || endedCalls(scenario.repo) < wanted) continue
    process.kill(helper, 'SIGKILL')
    killed.add(helper)
    wanted = endedCalls(scenario.repo) + callsBetween
  }
  const result = await sko.exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(result.stdout).toContain('3 of 3 work packages approved or done, merged, accepted')
  expectDone(scenario)
  expect(killed.size).toBeGreaterThan(2)
  expect(result.events().filter(({ type }) => type === 'host-cold')).toEqual([])
})
