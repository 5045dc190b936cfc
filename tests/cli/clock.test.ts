import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, until } from './support/scenario.ts'

const preload = new URL('../../fixtures/preload/step-clock.mjs', import.meta.url)
const hour = 3_600_000

it('a wall clock that is set an hour back and two on, and left there, stops no agent, cools nothing down and spends no budget', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const go = mission.path('go')
  await mission.setAgents([{ role: 'implementation', do: 'hang', file: go }])
  await mission.writeConfig(
    'agents: {timeout_seconds: 1200, inactivity_seconds: 1000}\nbudget: {wall_clock_seconds: 1800}\n',
  )
  const clock = mission.path('clock')
  const set = (offset: number) => {
    writeFileSync(`${clock}.new`, String(offset))
    renameSync(`${clock}.new`, clock)
  }
  set(0)
  const env = { NODE_OPTIONS: `--import=${preload}`, SKO_CLOCK: clock }
  const running = startSko(mission, ['orchestrate', '--mission', mission.slug], { env, timeoutMs: 250_000 })
  await mission.waitForStart({ wp: 'WP01' })
  for (const offset of [-hour, hour]) {
    set(offset)
    const seen = () => existsSync(`${clock}.read`) && readFileSync(`${clock}.read`, 'utf8') === String(offset)
    await until(`the clock to be seen off by ${offset} ms`, seen, 120_000)
  }
  writeFileSync(go, '')
  const result = await running.exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  const types = result.events().map(({ type }) => type)
  expect(types.filter(type => ['agent-quiet', 'cooldown', 'budget', 'run-failing'].includes(type))).toEqual([])
  expect(mission.starts()).toHaveLength(2)
}, 300_000)
