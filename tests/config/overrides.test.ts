import { describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/overrides.ts'
import { configSchema } from '../../src/config/schema.ts'
import { loadFromText, refusalOf } from './load-from-text.ts'

const yaml =
  'max_concurrent_wps: 2\nactor: file\nagents: {implementation: [codex]}\nfinish: {accept: false, merge: merge}'

describe('flags', () => {
  it('go over the file only where they were given', async () => {
    const fromFile = await loadFromText(yaml)
    expect(await loadFromText(yaml, {})).toEqual(fromFile)
    expect(await loadFromText(yaml, { actor: undefined })).toEqual(fromFile)
    expect(await loadFromText(yaml, { actor: 'flag' })).toEqual({ ...fromFile, actor: 'flag' })
  })

  it('all at once, without a file', async () => {
    const overrides: ConfigOverrides = {
      implementationAgents: ['codex'],
      reviewAgents: ['claude-code'],
      maxConcurrentWps: 9,
      actor: 'me',
      accept: false,
      merge: 'rebase',
      budgetUsd: 2.5,
      budgetTokens: 1_000_000,
      budgetSeconds: 3600,
      wpBudgetUsd: 1,
      wpBudgetTokens: 400_000,
      wpBudgetSeconds: 1800,
    }
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
    expect((await loadFromText('max_concurrent_wps: many', { maxConcurrentWps: 3 })).max_concurrent_wps).toBe(3)
  })

  it('--merge makes the push of the file mean something', async () => {
    expect((await loadFromText('finish: {push: true}', { merge: 'squash' })).finish.push).toBe(true)
  })

  it.each<readonly [ConfigOverrides, string]>([
    [{ maxConcurrentWps: 0 }, '--max-concurrent: expected at least 1, found 0'],
    [{ maxConcurrentWps: Number.NaN }, '--max-concurrent: expected a whole number, found NaN'],
    [{ maxConcurrentWps: 2.5 }, '--max-concurrent: expected a whole number, found 2.5'],
    [{ budgetUsd: 0 }, '--budget-usd: expected more than 0, found 0'],
    [{ budgetTokens: 1.5 }, '--budget-tokens: expected a whole number, found 1.5'],
    [{ wpBudgetSeconds: 0 }, '--wp-budget-seconds: expected at least 1, found 0'],
    [{ merge: 'fast' }, '--merge: expected one of null, merge, squash, rebase; found "fast"'],
    [
      { implementationAgents: ['claude'] },
      '--impl-agent: unknown agent "claude"; did you mean claude-code? known: claude-code, codex',
    ],
    [
      { reviewAgents: ['codex', 'codex'] },
      '--review-agent: an agent is listed twice; its place in the list is its preference',
    ],
    [
      { reviewAgents: ['X\u001b'] },
      '--review-agent: expected an agent id: lower-case letters, digits and hyphens, 40 at most, a letter first, found "X\\u001b"',
    ],
    [
      { actor: '--force' },
      `--actor: expected 1 to 100 characters, no control characters, no blank at either end, no '-' first, found "--force"`,
    ],
  ])('%j is refused by its flag', async (overrides, expected) => {
    expect(await refusalOf(loadFromText(yaml, overrides))).toEqual([expected])
  })

  it('leave the problems of the file to the file', async () => {
    expect(await refusalOf(loadFromText('agents: 3', { reviewAgents: ['codex'], maxConcurrentWps: 0 }))).toEqual([
      '--max-concurrent: expected at least 1, found 0',
      'orchestrator.yaml:1: agents: expected a mapping, found 3',
    ])
  })
})
