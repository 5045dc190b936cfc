import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import type { LoggedEvent } from './support/run-sko.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { type AgentRule, createScenario, type Scenario } from './support/scenario.ts'

/** An agent that has the main checkout's path in its head writes there, and nothing into its worktree. */
async function straying(rules: (mission: Scenario) => readonly AgentRule[], shape: Record<string, string[]>) {
  const mission = await createScenario({ shape, topology: 'lanes' })
  await mission.setAgents(rules(mission))
  return mission
}

const inMain = (mission: Scenario, file: string) => join(mission.repo, file)
const changesIn = (events: readonly LoggedEvent[]) => events.filter(event => event.type === 'main-checkout-changed')

it('an attempt that works in the main checkout is informed, the files are named and kept, and the next one does it', async () => {
  const mission = await straying(
    it => [{ wp: 'WP01', role: 'implementation', attempt: 1, do: 'ok', write: inMain(it, 'src/stray.txt') }],
    { WP01: [] },
  )
  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  const [changed, ...more] = changesIn(result.events())
  expect(more).toEqual([])
  expect(changed).toMatchObject({ wpId: 'WP01', attempt: 1, main: mission.repo, files: ['src/stray.txt'], alone: true })
  expect(await mission.git('show', `${changed?.kept}:src/stray.txt`)).toContain('WP01 implementation attempt 1')
  const [failed] = result.events().filter(event => event.type === 'attempt-void')
  expect(failed?.failure).toMatchObject({ class: 'no-change', detail: expect.stringContaining('src/stray.txt') })
  const starts = result.events().filter(event => event.type === 'attempt-started' && event.role === 'implementation')
  const prompt = readFileSync(`${starts[1]?.log}.prompt.md`, 'utf8')
  expect(prompt).toContain(`the changes went to ${mission.repo}, not to your worktree ${mission.repo}/.worktrees/`)
  expect(prompt).toContain(`git show ${changed?.kept}:<file>`)
  // Nothing is put back, and nothing of it committed.
  expect(existsSync(inMain(mission, 'src/stray.txt'))).toBe(true)
  expect(await mission.git('ls-tree', '-r', '--name-only', 'work', '--', 'src/stray.txt')).toBe('')
})

itInFull(
  "does not blame an attempt for a person's edits while an attempt runs, and says that another ran at the same time",
  async () => {
    const mission = await straying(
      it => [
        { wp: 'WP01', role: 'implementation', do: 'hang', file: it.path('go') },
        { wp: 'WP02', role: 'implementation', do: 'hang', file: it.path('go') },
      ],
      { WP01: [], WP02: [] },
    )
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ wp: 'WP01', role: 'implementation' })
    await mission.waitForStart({ wp: 'WP02', role: 'implementation' })
    await writeFile(inMain(mission, 'notes.txt'), 'mine\n')
    await writeFile(mission.path('go'), '')
    const result = await sko.exited

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const changed = changesIn(result.events())
    expect(changed.map(event => event.wpId).toSorted()).toEqual(['WP01', 'WP02'])
    for (const event of changed) expect(event).toMatchObject({ files: ['notes.txt'], alone: false })
    expect(result.events().filter(event => event.type === 'attempt-void')).toEqual([])
    expect(readFileSync(inMain(mission, 'notes.txt'), 'utf8')).toBe('mine\n')
  },
)

it.each(cover(1, ['coord', 'lanes', 'legacy']))(
  'says nothing in %s topology while only the host and sko write',
  async topology => {
    const mission = await createScenario({
      shape: { WP01: [], WP02: ['WP01'] },
      topology,
      subtasks: { WP01: ['T001'] },
    })
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(changesIn(result.events())).toEqual([])
  },
)
