import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { LoggedEvent } from '../cli/support/run-sko.ts'
import { whole } from '../whole.ts'
import { type RealScenario, realScenario } from './support/scenario.ts'
import { expectDone } from './support/straight.ts'

const oddities: Readonly<Record<string, (scenario: RealScenario) => Promise<() => Promise<unknown>>>> = {
  'another branch, without the mission, in the main checkout': async ({ git }) => {
    const root = await git('rev-list', '--max-parents=0', 'HEAD')
    await git('checkout', '--quiet', '--force', '-b', 'elsewhere', root)
    return () => git('checkout', '--quiet', '--force', 'work')
  },
  'a WP file half saved': async ({ repo, mission }) => {
    const tasks = join(repo, 'kitty-specs', mission, 'tasks')
    const file = join(tasks, readdirSync(tasks).find(name => name.startsWith('WP02')) ?? '')
    const whole = readFileSync(file)
    writeFileSync(file, whole.subarray(0, 60))
    return async () => writeFileSync(file, whole)
  },
}

/** Measured: in coord topology another branch takes all dependencies away, in lanes topology all WPs. */
const rows = Object.entries(oddities).flatMap(([name, act], index) => {
  const topologies = ['coord', 'lanes'] as const
  return topologies.map((topology, other) => ({ topology, name, act, inCover: index === other }))
})

it.each(
  rows.filter(({ inCover }) => whole || inCover).map(({ topology, name, act }) => [topology, name, act] as const),
)('%s: %s for a while, in the middle of a run, ends and closes nothing', async (topology, _, act) => {
  const scenario = await realScenario({
    shape: 'fork',
    topology,
    rules: [{ wp: 'WP01', role: 'implementation', do: 'hang', file: './go' }],
  })
  const running = scenario.start('orchestrate', '--mission', scenario.mission, '--no-accept')
  const agent = await scenario.waitForStart({ wp: 'WP01' })
  const over = await act(scenario)
  const isTold = ({ type }: LoggedEvent) => type === 'mission-unclear' || type === 'wp-waiting'
  writeFileSync(join(agent.cwd, 'go'), '')
  await running.waitForEvent(isTold)
  await over()
  const result = await running.exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expectDone(scenario)
  expect(result.events().filter(event => event.type === 'needs-person')).toEqual([])
})
