import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import type { FakeMissionInit } from './support/fake-mission.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

const approval = JSON.stringify({ verdict: 'approved', summary: 'right', findings: [], checks: [] })

/** A commit that no attempt makes, in the worktree of a lane. */
function intrude(mission: Scenario, lane: string): string {
  const where = `"$SKO_REPO/.worktrees/${mission.slug}-${lane}"`
  return `(cd ${where} && mkdir -p src && echo unseen > src/unseen.txt && git add src/unseen.txt && git -c user.name=a -c user.email=a@a commit -qm unseen) >/dev/null 2>&1`
}

interface Case {
  readonly init: FakeMissionInit
  /** What an agent does beside its work, as shell. */
  readonly act: (mission: Scenario) => string
}

/** Reviewers who keep what they were asked; nothing is merged but what they have seen. */
async function scenarioOf({ init, act }: Case): Promise<Scenario> {
  const mission = await createScenario(init)
  const work =
    'mkdir -p src; echo "work of $SKO_WP" > src/$SKO_WP.txt; git add src/$SKO_WP.txt; git -c user.name=a -c user.email=a@a commit -qm "$SKO_WP"'
  const impl = await mission.script('impl', `cat >/dev/null\n${work}\n${act(mission)}\necho done`)
  const review = await mission.script('review', `cat > ${mission.path('asked-')}$SKO_WP\necho '${approval}'`)
  await mission.writeConfig(
    `agents: {implementation: [impl], review: [look], custom: {impl: {command: ['${impl}']}, look: {command: ['${review}'], review: true}}}\nfinish: {merge: merge}\nmax_concurrent_wps: 1\n`,
  )
  return mission
}

const chain = { WP01: [], WP02: ['WP01'] }

it.each(
  cover<readonly [string, Case]>(1, [
    [
      'behind the approved commit of a lane that its own lane takes over, by the agent of a third WP',
      {
        init: { shape: { WP01: [], WP02: ['WP01', 'WP03'], WP03: ['WP01'] }, topology: 'lanes' },
        act: mission => `[ $SKO_WP != WP03 ] || ${intrude(mission, 'lane-a')}`,
      },
    ],
    [
      'the same, in coord topology',
      {
        init: { shape: { WP01: [], WP02: ['WP01', 'WP03'], WP03: ['WP01'] } },
        act: mission => `[ $SKO_WP != WP03 ] || ${intrude(mission, 'lane-a')}`,
      },
    ],
    [
      'behind the approved commit of a WP in the same lane, before it began',
      {
        init: {
          shape: { WP01: [], WP02: ['WP01', 'WP03'], WP03: ['WP01'] },
          topology: 'lanes',
          lanes: { WP01: 'a', WP02: 'a', WP03: 'b' },
        },
        act: mission => `[ $SKO_WP != WP03 ] || ${intrude(mission, 'lane-a')}`,
      },
    ],
    [
      'on a branch that was merged into its lane before it began',
      {
        init: {
          shape: { WP01: [], WP02: ['WP01', 'WP03'], WP03: ['WP01'] },
          topology: 'lanes',
          lanes: { WP01: 'a', WP02: 'a', WP03: 'b' },
        },
        act: mission => {
          const side = `git checkout -q -b side HEAD~1 && mkdir -p src && echo unseen > src/unseen.txt && git add src/unseen.txt && git -c user.name=a -c user.email=a@a commit -qm unseen && git checkout -q -`
          const merge = `git -C "$SKO_REPO/.worktrees/${mission.slug}-lane-a" -c user.name=a -c user.email=a@a merge -q --no-edit side`
          return `[ $SKO_WP != WP03 ] || { ${side} && ${merge}; } >/dev/null 2>&1`
        },
      },
    ],
  ]),
)(
  'a commit that no judgement covers, %s: the next reviewer is shown it, and its verdict covers it',
  async (_, test) => {
    const mission = await scenarioOf(test)
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    const shown = result.events().filter(({ type }) => type === 'unreviewed-shown')
    expect(shown).toMatchObject([{ wpId: 'WP02', ranges: [expect.any(Object)] }])
    const asked = readFileSync(mission.path('asked-WP02'), 'utf8')
    expect(asked).toContain('no review covers it yet')
    expect(asked).toMatch(/src\/unseen\.txt/)
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await mission.git('ls-tree', '--name-only', 'work', 'src/')).toContain('src/unseen.txt')
  },
)

it('a commit behind the approved one that no reviewer will meet is refused, and confirmed by the printed command', async () => {
  const mission = await scenarioOf({
    init: { shape: chain, topology: 'lanes' },
    act: mission => `[ $SKO_WP != WP02 ] || ${intrude(mission, 'lane-a')}`,
  })
  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect(result.exitCode).toBe(1)
  expect(result.events().filter(({ type }) => type === 'unreviewed-shown')).toEqual([])
  const [, section = ''] = result.stdout.split('\nNext:\n')
  const [command = ''] = section.trim().split('   (')
  expect(command).toMatch(/^sko confirm WP01 --commit /)
  expect((await runSko(mission, command.split(' ').slice(1))).exitCode).toBe(0)
  expect((await runSko(mission, ['resume'])).exitCode).toBe(0)
})
