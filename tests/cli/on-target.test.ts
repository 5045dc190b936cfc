import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, type Scenario, until } from './support/scenario.ts'

const asAgent = '-c user.name=a -c user.email=a@a'
const work = `mkdir -p src; echo "work of $SKO_WP" > src/$SKO_WP.txt; git add src/$SKO_WP.txt; git ${asAgent} commit -qm "$SKO_WP"`

/** A mission whose implementers do their work and then `act`. */
async function scenarioOf(act: (mission: Scenario) => string, finish: string): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' })
  const impl = await mission.script('impl', `cat >/dev/null\n${work}\n${act(mission)}\necho done`)
  await mission.writeConfig(
    `agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${impl}']}}}\nfinish: ${finish}\n`,
  )
  return mission
}

const namedOnTarget = (result: SkoResult) => result.events().filter(({ type }) => type === 'unattributed')

/** A copy of the agent's own file, committed in the main checkout. */
const commitInMain = () =>
  `[ $SKO_WP = WP02 ] || { mkdir -p "$SKO_REPO/src" && echo "not reviewed" > "$SKO_REPO/src/$SKO_WP-more.txt" && cp src/$SKO_WP.txt "$SKO_REPO/src/" && git -C "$SKO_REPO" add src && git -C "$SKO_REPO" ${asAgent} commit -qm "in main"; }`

it.each(
  cover(1, [
    ['merge', '{merge: merge}', ', merged, accepted'],
    ['acceptance', '{accept: true}', ', accepted'],
  ]),
)(
  'a commit on the target with files of the WP whose attempt ran refuses the %s, until a person confirms it',
  async (_, finish, words) => {
    const mission = await scenarioOf(commitInMain, finish)
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(namedOnTarget(result)).toMatchObject([
      { commits: [{ files: ['src/WP01-more.txt', 'src/WP01.txt'], ran: ['WP01'], doubted: true }] },
    ])
    expect((await mission.state()).acceptances).toEqual([])
    const [, section = ''] = result.stdout.split('\nNext:\n')
    const [command = ''] = section.trim().split('   (')
    expect(command).toMatch(/^sko confirm WP01 --commit [\da-f]{40}$/)
    expect((await runSko(mission, ['resume'])).exitCode).toBe(1)

    const confirmed = await runSko(mission, command.split(' ').slice(1))
    expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
    const last = await runSko(mission, ['resume'])
    expect([last.exitCode, last.stderr]).toEqual([0, ''])
    expect(last.stdout).toContain(`2 of 2 work packages approved or done${words}`)
    expect(namedOnTarget(last)).toEqual([])
  },
)

itInFull('a commit of other files while an attempt runs is taken for a person’s, and named at the end', async () => {
  const mission = await scenarioOf(
    mission => `touch ${mission.path('ready-')}$SKO_WP; while [ ! -e ${mission.path('go')} ]; do sleep 0.1; done`,
    '{merge: merge}',
  )
  const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
  await until('the attempt of WP01', () => existsSync(mission.path('ready-WP01')))
  writeFileSync(join(mission.repo, 'notes.txt'), 'mine\n')
  await mission.git('add', 'notes.txt')
  await mission.git('commit', '-qm', 'A note', '--', 'notes.txt')
  writeFileSync(mission.path('go'), '')
  const result = await running.exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(namedOnTarget(result)).toMatchObject([{ commits: [{ files: ['notes.txt'], ran: ['WP01'], doubted: false }] }])
  expect(await mission.git('show', 'work:notes.txt')).toBe('mine')
})
