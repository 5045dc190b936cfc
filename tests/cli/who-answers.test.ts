import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

const wp = (...fields: readonly string[]) => `---
work_package_id: WP01
title: Part of WP01
dependencies: []
subtasks: []
${fields.join('\n')}
---

# WP01

Write a line naming WP01.
`

const one = { shape: { WP01: [] }, topology: 'lanes' } as const

const stateFile = z.object({
  workPackages: z.record(
    z.string(),
    z.object({ attempts: z.array(z.looseObject({})), judgement: z.looseObject({}).nullable() }),
  ),
})

function stored({ repo }: Scenario) {
  const text = readFileSync(join(repo, '.kittify', 'orchestrator-run-state.json'), 'utf8')
  return stateFile.parse(JSON.parse(text)).workPackages.WP01
}

/** What claude-code was started with for the model, per start. */
const modelsOf = ({ starts }: Scenario) =>
  starts().flatMap(({ agent, argv }) => {
    const at = argv.indexOf('--model')
    return agent === 'claude-code' ? [at < 0 ? null : argv[at + 1]] : []
  })

const run = (mission: Scenario, env: Readonly<Record<string, string>> = {}, ...flags: readonly string[]) =>
  runSko(mission, ['orchestrate', '--mission', mission.slug, ...flags], { env })

describe('another model answers than was asked for', () => {
  it('is said once, in the verdict, the state, the status and the report', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    await mission.writeConfig('agents:\n  settings: { claude-code: { model: opus } }\n')

    const answering = 'claude-sonnet-4-5-20250929'
    const flags = ['--impl-agent', 'codex', '--review-agent', 'claude-code']
    const result = await run(mission, { FAKE_AGENT_MODEL: answering }, ...flags)

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    const swaps = result.events().filter(({ type }) => type === 'model-swapped')
    expect(swaps).toMatchObject([{ agent: 'claude-code', role: 'review', asked: 'opus', answered: answering }])
    expect(result.stdout.match(/asked for opus, but claude-sonnet-4-5-20250929 answered/g)).toHaveLength(1)
    const shown = `claude-code 2.1.329 (${answering} instead of opus)`
    expect(result.stdout).toContain(`WP01 approved by claude-code (${answering} instead of opus) at `)
    expect(result.stdout).toContain(`claude-code (${answering} instead of opus): review of WP01, WP02`)
    expect(shown).toContain(answering)
    const used = { configuredModel: 'opus', model: answering }
    expect(result.events().find(({ type }) => type === 'verdict')).toMatchObject(used)
    expect(stored(mission)).toMatchObject({ attempts: [{ agent: 'codex' }, used], judgement: used })
    const status = await runSko(mission, ['status'])
    expect(status.stdout).toContain(`${answering} instead of opus`)
  })

  it('is no swap when an alias is asked for, and the version is kept', async () => {
    const mission = await createScenario(one)
    await mission.writeConfig('agents:\n  settings: { claude-code: { model: sonnet } }\n')

    const result = await run(mission, { FAKE_AGENT_MODEL: 'claude-sonnet-4-5-20250929' })

    expect(result.exitCode).toBe(0)
    expect(result.events().filter(({ type }) => type === 'model-swapped')).toEqual([])
    const used = { configuredModel: 'sonnet', model: 'claude-sonnet-4-5-20250929', cliVersion: '2.1.329' }
    expect(stored(mission)).toMatchObject({ attempts: [used, { agent: 'codex' }] })
    expect(result.stdout).toContain('claude-code 2.1.329 (claude-sonnet-4-5-20250929): implementation of WP01')
  })
})

describe('the model in the frontmatter of a WP', () => {
  it('is used for its implementation where ours names none, and the rest is said not to choose the agent', async () => {
    const fields = ['agent_profile: python-pedro', 'role: implementer', 'agent: claude', 'model: claude-sonnet-4-6']
    const mission = await createScenario({ ...one, prompts: { WP01: wp(...fields) } })

    const result = await run(mission)

    expect(result.exitCode).toBe(0)
    expect(modelsOf(mission)).toEqual(['claude-sonnet-4-6'])
    expect(result.events().filter(({ type }) => type === 'wp-model-not-used')).toEqual([])
    expect(result.stdout.match(/WP01: agent_profile python-pedro in its frontmatter does not choose/g)).toHaveLength(1)
    expect(stored(mission)).toMatchObject({ attempts: [{ configuredModel: 'claude-sonnet-4-6', wpModel: true }, {}] })
  })

  it('gives way to our configuration, which is said', async () => {
    const mission = await createScenario({ ...one, prompts: { WP01: wp('model: claude-sonnet-4-6') } })
    await mission.writeConfig('agents:\n  settings: { claude-code: { model: opus } }\n')

    const result = await run(mission)

    expect(modelsOf(mission)).toEqual(['opus'])
    expect(result.stdout).toContain(
      'WP01: its model claude-sonnet-4-6 is not used for the implementation by claude-code: agents.settings.claude-code asks for opus',
    )
  })

  it.each([
    ['one of another maker', 'model: gpt-5', 'gpt-5', 'claude-code has no model of this name'],
    [
      'a flag',
      'model: "--dangerously-skip-permissions"',
      '--dangerously-skip-permissions',
      'it is not the name of a model',
    ],
    ['a list', 'model: [a, b]', '(a list)', 'it is not the name of a model'],
    ['a number', 'model: 5', '5', 'it is not the name of a model'],
    ['10 kB', `model: ${'x'.repeat(10_000)}`, 'xxx', 'it is not the name of a model'],
  ])('%s is not used', async (_, field, shown, reason) => {
    const mission = await createScenario({ ...one, prompts: { WP01: wp(field) } })

    const result = await run(mission)

    expect(result.exitCode).toBe(0)
    expect(modelsOf(mission)).toEqual([null])
    const refused = result.events().filter(({ type }) => type === 'wp-model-not-used')
    expect(refused).toMatchObject([{ model: expect.stringContaining(shown), reason }])
    expect(result.stdout).toContain(reason)
  })

  it('that the CLI refuses costs one attempt, and the run goes on with the default', async () => {
    const mission = await createScenario({ ...one, prompts: { WP01: wp('model: claude-sonnet-9') } })

    const result = await run(mission, { FAKE_AGENT_NO_MODEL: 'claude-sonnet-9' })

    expect(result.exitCode).toBe(0)
    const ended = result.events().filter(({ type }) => type === 'attempt-ended')
    expect(ended).toMatchObject([{ configuredModel: 'claude-sonnet-9' }, { failure: null }, { role: 'review' }])
    // The fake refuses the first start before it notes it.
    expect(modelsOf(mission)).toEqual([null])
    expect(result.stdout).toContain('could not use the model claude-sonnet-9 of the work package')
    expect(result.stdout).toContain('claude-code could not use it in attempt 1')
    expect(result.events().filter(({ type }) => type === 'agent-out')).toEqual([])
  })
})

describe("agents.available of the host's configuration", () => {
  const hostConfig = ({ repo }: Scenario, yaml: string) => writeFileSync(join(repo, '.kittify', 'config.yaml'), yaml)

  it('is the default of both roles, and what is unknown is said once', async () => {
    const mission = await createScenario(one)
    hostConfig(mission, 'agents:\n  available: [codex, windsurf, auggie, nonsense]\n')

    const plan = await runSko(mission, ['plan', '--mission', mission.slug])
    const result = await run(mission)

    const from = 'codex (agents.available of .kittify/config.yaml)'
    expect(plan.stdout).toContain(`Agents: implementation: ${from}; review: ${from}`)
    const unknown = 'sko has no agent for windsurf, nonsense in agents.available'
    expect(plan.stdout).toContain(unknown)
    expect(result.exitCode).toBe(0)
    expect(mission.starts().map(({ agent }) => agent)).toEqual(['codex', 'codex'])
    expect(result.events().filter(({ type }) => type === 'host-agents-not-used')).toHaveLength(1)
    expect(result.stdout).toContain(`.kittify/config.yaml: ${unknown}`)
  })

  it('gives way to our configuration and to flags', async () => {
    const mission = await createScenario(one)
    hostConfig(mission, 'agents:\n  available: [codex]\n')
    await mission.writeConfig('agents:\n  implementation: [claude-code]\n')

    const plan = await runSko(mission, ['plan', '--mission', mission.slug])

    expect(plan.stdout).toContain('Agents: implementation: claude-code; review: codex (agents.available of')
    const result = await run(mission, {}, '--review-agent', 'claude-code')
    expect(result.exitCode).toBe(0)
    expect(mission.starts().map(({ agent }) => agent)).toEqual(['claude-code', 'claude-code'])
  })

  it.each([
    ['agents: [', 'it is not read: line '],
    ['agents:\n  available: 7\n', 'agents.available is not a list of names'],
    ['agents:\n  available: [[1], codex]\n', 'sko has no agent for an entry that is no text in agents.available'],
    ['agents: *unknown\n', 'it is not read: line '],
  ])('%j is a warning', async (yaml, warning) => {
    const mission = await createScenario(one)
    hostConfig(mission, yaml)

    const agents = await runSko(mission, ['agents'])

    expect([agents.exitCode, agents.stderr]).toEqual([0, ''])
    expect(agents.stdout).toContain(`warning: .kittify/config.yaml: ${warning}`)
  })

  it('is not used when our own configuration does not allow it alone', async () => {
    const mission = await createScenario(one)
    hostConfig(mission, 'agents:\n  available: claude\n')
    await mission.writeConfig('review: { reviewer: require_other }\n')

    const plan = await runSko(mission, ['plan', '--mission', mission.slug])

    expect(plan.stdout).toContain('implementation: claude-code, codex; review: codex, claude-code')
    expect(plan.stdout).toContain('agents.available (claude-code) is not used')
  })
})
