import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSko } from './support/run-sko.ts'
import { createScenario } from './support/scenario.ts'

const slug = 'demo-01M7FAKE'
const id = '01M7FAKERVE6YS6X0XDHE1R6Q9'

describe.each(['coord', 'lanes'] as const)('in %s topology', topology => {
  it.each([slug, 'demo', id, '01M7FAKE', id.toLowerCase(), '01m7fake', 'Demo-01m7fake'])(
    '%s is the mission',
    async handle => {
      const mission = await createScenario({ shape: { WP01: [] }, topology })
      // Its name begins alike, and it is another mission.
      await mkdir(join(mission.repo, 'kitty-specs', 'demo-more-01M7AAAA'))
      const plan = await runSko(mission, ['plan', '--mission', handle, '--json'])
      expect([plan.exitCode, plan.stderr]).toEqual([0, ''])
      expect(JSON.parse(plan.stdout)).toMatchObject({ mission: slug })
    },
  )

  it('all but the first read name it by its full slug, and so do the events and the run that is left unfinished', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology })
    const result = await runSko(mission, ['orchestrate', '--mission', '01m7fake'])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const named = (await mission.journal()).flatMap(({ argv }) => {
      const at = argv.indexOf('--mission')
      return at < 0 ? [] : [argv[at + 1]]
    })
    expect(named.slice(0, 2)).toEqual(['01m7fake', '01M7FAKE'])
    expect([...new Set(named.slice(2))]).toEqual([slug])
    const origins = result.events().map(event => [event.schema_version, event.mission_id, event.mission_slug])
    expect([...new Set(origins.map(String))]).toEqual([String(['1.0.0', id, slug])])
  })
})

it('a mission from before mission ids has none in its events', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'legacy' })
  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  const origins = result.events().map(event => [event.mission_id, event.mission_slug])
  expect([...new Set(origins.map(origin => JSON.stringify(origin)))]).toEqual([JSON.stringify([null, mission.slug])])
})
