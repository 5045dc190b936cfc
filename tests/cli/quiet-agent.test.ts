import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf } from './support/scenario.ts'

it('a silent agent is warned of, stopped, and its work is kept for the next one, whose prompt says so', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' }, [
    { role: 'implementation', attempt: 1, do: 'hang' },
  ])
  await mission.writeConfig('agents: {inactivity_seconds: 4}\n')
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
  const agent = await mission.waitForStart({ role: 'implementation' })
  await writeFile(join(agent.cwd, 'src', 'half.txt'), 'half of the work\n')

  const result = await sko.exited

  expect([result.exitCode, isAlive(agent.pid)]).toEqual([0, false])
  const events = result.events().filter(event => event.wpId === 'WP01')
  const of = (type: string) => events.filter(event => event.type === type)
  expect(of('agent-quiet').at(-1)).toMatchObject({ attempt: 1, limitSeconds: 4 })
  expect(of('agent-quiet').at(-1)?.quietSeconds).toBeGreaterThanOrEqual(2)
  expect(of('attempt-ended')[0]).toMatchObject({ failure: { class: 'stalled' } })
  const [, second] = of('attempt-started')
  expect(second).toMatchObject({ role: 'implementation', attempt: 2 })
  expect(readFileSync(`${second?.log}.prompt.md`, 'utf8')).toMatch(/src\/half\.txt/)
  expect(await mission.git('show', `kitty/mission-${mission.slug}-lane-a:src/half.txt`)).toBe('half of the work')
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
})
