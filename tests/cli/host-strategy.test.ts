import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { expectRefused } from './support/expect-refused.ts'
import { nextCommands } from './support/next-commands.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

async function withStrategy(strategy: string, topology: 'coord' | 'lanes'): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology })
  await writeFile(join(mission.repo, '.kittify', 'config.yaml'), `merge:\n  strategy: ${strategy}\n`)
  await mission.git('add', '.kittify/config.yaml')
  await mission.git('commit', '--quiet', '--message', 'Set the strategy')
  return mission
}

async function strategyOf(mission: Scenario): Promise<unknown> {
  const { argv = [] } = (await mission.journal()).find(({ command }) => command === 'merge-mission') ?? {}
  return argv[argv.indexOf('--strategy') + 1]
}

it.each(['coord', 'lanes'] as const)('a merge that names no strategy has that of the host, in %s', async topology => {
  const mission = await withStrategy('squash', topology)
  const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect(first.stdout).toMatch(/^Next:\n {2}sko resume --merge {3}\(/m)
  const result = await runSko(mission, ['resume', '--merge'])
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(await strategyOf(mission)).toBe('squash')
  expect(result.events().find(({ type }) => type === 'merged')).toMatchObject({ strategy: 'squash' })
})

it('a strategy that the host does not know is reported, and the mission merged', async () => {
  const mission = await withStrategy('octopus', 'lanes')
  const plan = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--merge', '--dry-run'])
  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--merge'])
  const words = 'merge.strategy: expected one of merge, squash, rebase; found "octopus"; the mission is merged by merge'
  for (const { exitCode, stdout } of [plan, result]) {
    expect(exitCode).toBe(0)
    expect(stdout).toContain(words)
  }
  expect(await strategyOf(mission)).toBe('merge')
})

it.each([['--merge'], ['--merge', 'rebase']])(
  'a rebase in coord topology is refused before the run: %s %s',
  async (...flags) => {
    const mission = await withStrategy('rebase', 'coord')
    const refused = await runSko(mission, ['orchestrate', '--mission', mission.slug, ...flags])
    await expectRefused(mission, refused, 2, 'by rebase', 'choose merge or squash')
  },
)

it('a rebase in coord topology is refused when a run is resumed too, and the printed command merges', async () => {
  const mission = await withStrategy('rebase', 'coord')
  const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect(first.exitCode).toBe(0)
  expect(nextCommands(first.stdout)).toEqual(['sko resume --merge merge'])
  const refused = await runSko(mission, ['resume', '--merge'])
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('choose merge or squash')])
  const printed = nextCommands(first.stdout).flatMap(command => command.split(' ').slice(1))
  expect((await runSko(mission, printed)).exitCode).toBe(0)
  expect(await strategyOf(mission)).toBe('merge')
})
