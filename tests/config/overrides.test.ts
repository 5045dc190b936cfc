import { describe, expect, it } from 'vitest'
import { overridesOf, runFlags } from '../../src/cli/running/run-flags.ts'
import { configSchema } from '../../src/config/schema.ts'
import { valueAt } from '../../src/config/show.ts'
import { loadFromText, refusalOf } from './load-from-text.ts'

const yaml =
  'max_concurrent_wps: 2\nactor: file\nagents: {implementation: [codex]}\nfinish: {accept: false, merge: merge}'

describe('flags', () => {
  it.each(runFlags.flatMap(({ flags, overrides }) => (overrides ? [[flags, overrides] as const] : [])))(
    '%s overrides a value that the configuration has',
    (_, path) => expect(valueAt(configSchema.parse({}), path)).toBeDefined(),
  )

  it.each([
    [{ push: true }, '--push', true],
    [{ push: false }, '--no-push', false],
  ])('%j is of %s', (given, flag, value) => {
    expect(overridesOf(given)).toEqual([{ flag, path: ['finish', 'push'], value }])
  })

  it('go over the file only where they were given', async () => {
    const fromFile = await loadFromText(yaml)
    expect(await loadFromText(yaml, [])).toEqual(fromFile)
    expect(await loadFromText(yaml, overridesOf({ actor: undefined }))).toEqual(fromFile)
    expect(await loadFromText(yaml, overridesOf({ actor: 'flag' }))).toEqual({ ...fromFile, actor: 'flag' })
  })

  it('all at once, without a file', async () => {
    const overrides = overridesOf({
      implAgent: ['codex'],
      reviewAgent: ['claude-code'],
      maxConcurrent: 9,
      actor: 'me',
      accept: false,
      merge: 'rebase',
      budgetUsd: 2.5,
      budgetTokens: 1_000_000,
      budgetSeconds: 3600,
      wpBudgetUsd: 1,
      wpBudgetTokens: 400_000,
      wpBudgetSeconds: 1800,
    })
    const defaults = configSchema.parse({})
    expect(await loadFromText(null, overrides)).toEqual({
      ...defaults,
      max_concurrent_wps: 9,
      actor: 'me',
      agents: { ...defaults.agents, implementation: ['codex'], review: ['claude-code'] },
      finish: { accept: false, merge: 'rebase', push: false },
      budget: {
        ...{ usd: 2.5, tokens: 1_000_000, wall_clock_seconds: 3600, running: 'finish' },
        work_package: { usd: 1, tokens: 400_000, wall_clock_seconds: 1800 },
      },
    })
  })

  it('repair a wrong value of the file', async () => {
    expect((await loadFromText('max_concurrent_wps: many', overridesOf({ maxConcurrent: 3 }))).max_concurrent_wps).toBe(
      3,
    )
  })

  it('--merge makes the push of the file mean something', async () => {
    expect((await loadFromText('finish: {push: true}', overridesOf({ merge: 'squash' }))).finish.push).toBe(true)
  })

  it.each<readonly [object, string]>([
    [{ maxConcurrent: 0 }, '--max-concurrent: expected at least 1, found 0'],
    [{ maxConcurrent: Number.NaN }, '--max-concurrent: expected a whole number, found NaN'],
    [{ maxConcurrent: 2.5 }, '--max-concurrent: expected a whole number, found 2.5'],
    [{ budgetUsd: 0 }, '--budget-usd: expected more than 0, found 0'],
    [{ budgetTokens: 1.5 }, '--budget-tokens: expected a whole number, found 1.5'],
    [{ wpBudgetSeconds: 0 }, '--wp-budget-seconds: expected at least 1, found 0'],
    [{ merge: 'fast' }, '--merge: expected merge, squash, rebase, true (as the host is set) or null, found "fast"'],
    [
      { implAgent: ['claude'] },
      '--impl-agent: unknown agent "claude"; did you mean claude-code? known: claude-code, codex',
    ],
    [
      { reviewAgent: ['codex', 'codex'] },
      '--review-agent: an agent is listed twice; its place in the list is its preference',
    ],
    [
      { reviewAgent: ['X\u001b'] },
      '--review-agent: expected an agent id: lower-case letters, digits and hyphens, 40 at most, a letter first, found "X\\u001b"',
    ],
    [
      { actor: '--force' },
      `--actor: expected 1 to 100 characters, no control characters, no blank at either end, no '-' first, found "--force"`,
    ],
  ])('%j is refused by its flag', async (flags, expected) => {
    expect(await refusalOf(loadFromText(yaml, overridesOf(flags)))).toEqual([expected])
  })

  it('leave the problems of the file to the file', async () => {
    expect(
      await refusalOf(loadFromText('agents: 3', overridesOf({ reviewAgent: ['codex'], maxConcurrent: 0 }))),
    ).toEqual([
      '--max-concurrent: expected at least 1, found 0',
      'orchestrator.yaml:1: agents: expected a mapping, found 3',
    ])
  })
})
