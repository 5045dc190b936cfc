import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RunningSko } from '../cli/support/run-sko.ts'
import { type AgentStart, isAlive } from '../cli/support/scenario.ts'
import { type RealScenario, realScenario } from './support/scenario.ts'
import { expectDone, movesOf } from './support/straight.ts'

it('one work package, stopped in every way there is, ends done with all that its agents wrote', async () => {
  const scenario = await realScenario({ shape: 'single', topology: 'coord', subtasks: [0] })
  const orchestrate = ['orchestrate', '--mission', scenario.mission, '--no-accept']
  const lane = () => movesOf(scenario).at(-1)?.to_lane

  const before = await everyRef(scenario)
  const plan = await scenario.start(...orchestrate, '--dry-run').exited
  expect([plan.exitCode, plan.stderr]).toEqual([0, ''])
  expect(plan.stdout).toMatch(/^1 +WP01 +planned/m)
  expect([await everyRef(scenario), lane()]).toEqual([before, undefined])

  const first = await hanging(scenario, 'implementation', ...orchestrate)
  first.sko.kill('SIGINT')
  expect((await first.sko.exited).exitCode).toBe(130)
  expect([isAlive(first.agent.pid), lane()]).toEqual([false, 'in_progress'])

  const second = await hanging(scenario, 'implementation', 'resume')
  second.sko.kill('SIGKILL')
  expect((await second.sko.exited).signal).toBe('SIGKILL')
  expect(isAlive(second.agent.pid)).toBe(true)

  const third = scenario.start('resume')
  await third.waitForEvent(event => event.type === 'attempt-adopted' && event.running === true)
  expect(isAlive(second.agent.pid)).toBe(true)
  const abort = await scenario.start('abort').exited
  expect([abort.exitCode, abort.stderr]).toEqual([0, ''])
  expect((await third.exited).exitCode).toBe(143)
  expect([isAlive(second.agent.pid), lane()]).toEqual([false, 'in_progress'])

  const fourth = await hanging(scenario, 'review', ...orchestrate)
  fourth.sko.kill('SIGINT')
  expect((await fourth.sko.exited).exitCode).toBe(130)
  expect([isAlive(fourth.agent.pid), lane()]).toEqual([false, 'in_review'])

  const last = await scenario.start('resume').exited
  expect([last.exitCode, last.stderr]).toEqual([0, ''])
  expectDone(scenario)
  const branch = `kitty/mission-${scenario.mission}-lane-a`
  const files = await scenario.git('ls-tree', '-r', '--name-only', branch)
  const written = [first, second].map(({ agent }) => halfOf(agent))
  expect(files.split('\n')).toEqual(expect.arrayContaining(['src/WP01.txt', ...written]))
})

interface Hanging {
  readonly sko: RunningSko
  readonly agent: AgentStart
}

/** A run whose next agent of this role has written half of its work, and does not end. */
async function hanging(scenario: RealScenario, role: 'implementation' | 'review', ...args: string[]): Promise<Hanging> {
  const earlier = scenario.starts().length
  await scenario.setAgents([{ role, do: 'hang' }])
  const sko = scenario.start(...args)
  await sko.waitForEvent(event => event.type === 'attempt-started' && event.role === role)
  const agent = await scenario.waitForStart({ role, attempt: 1 + countOf(scenario, role, earlier) })
  if (role === 'implementation') await writeFile(join(agent.cwd, halfOf(agent)), 'half of the work\n')
  return { sko, agent }
}

function countOf(scenario: RealScenario, role: string, until: number): number {
  return scenario.starts().filter((start, at) => at < until && start.role === role).length
}

function halfOf({ attempt }: AgentStart): string {
  return `half-${attempt}.txt`
}

function everyRef(scenario: RealScenario): Promise<string> {
  return scenario.git('for-each-ref')
}
