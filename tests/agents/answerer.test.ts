import { describe, expect, it } from 'vitest'
import { answererOf } from '../../src/agents/reading/answerer.ts'
import { builtInAgents } from '../../src/agents/registry.ts'
import type { Answerer } from '../../src/run/attempts/agent.ts'
import { transcript, transcriptNames } from './transcripts.ts'

const claude = '2.1.329'
const qwen = '0.24.4'

/** Agent, recording, main model, version, other models. */
type Row = readonly [string, string, string | null, string | null, (readonly string[])?]
const recorded: readonly Row[] = [
  ['claude-code', 'ok-implementation', 'claude-sonnet-5-5', claude],
  // One JSON object without `init`: the models are only in `modelUsage`, and it states no version.
  ['claude-code', 'ok-review-schema', 'claude-opus-5-5', null],
  ['claude-code', 'made-array', 'claude-sonnet-5-5', claude],
  ['claude-code', 'made-swapped', 'claude-sonnet-4-5-20250929', claude, ['claude-haiku-4-5-20251001']],
  ['claude-code', 'made-swapped-review', 'claude-haiku-4-5-20251001', null],
  // Its own error message names `<synthetic>` as the model.
  ['claude-code', 'auth-401', 'claude-opus-5-5', claude],
  ['claude-code', 'sigint-exit0', 'claude-opus-5-5', claude],
  ['claude-code', 'bad-flag', null, null],
  ['codex', 'ok-implementation', null, null],
  ['codex', 'made-rerouted', 'gpt-5.2', null],
  ['copilot', 'ok-implementation', 'mock-model', null],
  ['copilot', 'ok-subagent', 'mock-model', null],
  ['copilot', 'made-cut-first-line', 'mock-model', null],
  ['copilot', 'no-credentials', null, null],
  ['gemini', 'ok-implementation', 'gemini-2.5-pro', null],
  ['gemini', 'ok-json', 'gemini-3.8-flash', null, ['gemini-3.5-flash-lite']],
  ['gemini', 'sigterm-exit0', 'gemini-2.5-pro', null],
  // Asked for gemini-2.5-pro; another model answered, which only its statistics state.
  ['gemini', 'ok-review', 'm', null],
  ['gemini', 'rate-limit-429', 'gemini-2.5-pro', null],
  ['qwen', 'ok-implementation', 'mock-model', qwen],
  ['qwen', 'ok-schema', 'mock-model', qwen],
  ['qwen', 'made-killed', 'mock-model', qwen],
  ['opencode', 'ok-implementation', null, null],
  ['kilocode', 'ok-implementation', null, null],
  ['augment', 'ok-implementation', null, null],
  ['cursor', 'made-ok-implementation', 'Some Model', null],
  ['cursor', 'made-ok-json', null, null],
  ['letta', 'ok-implementation-stream', 'openai-compatible/mock-model', null],
  ['letta', 'ok-implementation-json', null, null],
  ['pi', 'ok-implementation', 'mock-model', null],
  ['pi', 'made-cut-session-file', 'mock-model', null],
  ['pi', 'no-key', null, null],
]

function read(id: string, name: string): Answerer | undefined {
  const agent = builtInAgents.find(agent => agent.id === id)
  return agent?.read(transcript(id, name)).answerer
}

describe('the model and the version that a recorded output states', () => {
  const rows = recorded.map(([id, name, model, cliVersion, otherModels = []]) => ({
    ...{ id, name, model, cliVersion, otherModels },
  }))
  it.each(rows)('$id $name: $model $cliVersion', ({ id, name, ...stated }) => {
    const nothing: Answerer = { model: null, otherModels: [], cliVersion: null }
    expect(read(id, name) ?? nothing).toEqual(stated)
  })

  it('covers every agent', () => {
    expect(new Set(recorded.map(([id]) => id))).toEqual(new Set(builtInAgents.map(({ id }) => id)))
  })

  it('never names the author of an error message as a model', () => {
    for (const { id } of builtInAgents)
      for (const name of transcriptNames(id)) expect(JSON.stringify(read(id, name) ?? {})).not.toContain('synthetic')
  })
})

describe('answererOf', () => {
  const tokens = (entries: Readonly<Record<string, number>>) => new Map(Object.entries(entries))

  it.each([
    ['nothing is stated', {}, null, []],
    ['only announced', { announced: 'a' }, 'a', []],
    ['an answer counts more than the announcement', { announced: 'a', answers: ['b'] }, 'b', []],
    ['the last answer counts', { answers: ['b', 'c', null] }, 'c', ['b']],
    ['most tokens', { announced: 'a', tokens: tokens({ b: 5, c: 7, d: 6 }) }, 'c', ['b', 'd']],
    ['equal tokens: the first', { tokens: tokens({ b: 5, c: 5 }) }, 'b', ['c']],
    ['no tokens', { announced: 'a', tokens: tokens({ b: 0 }) }, 'a', []],
    ['a helper with more tokens', { answers: ['b'], tokens: tokens({ b: 1, helper: 9 }) }, 'b', ['helper']],
    ['the answers state another name', { answers: ['x'], tokens: tokens({ b: 1, c: 9 }) }, 'c', ['b', 'x']],
  ])('%s', (_, statement, model, otherModels) => {
    expect(answererOf(statement)).toEqual({ model, otherModels, cliVersion: null })
  })

  it.each([
    ['anthropic/claude-x:free', 'anthropic/claude-x:free'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'us.anthropic.claude-sonnet-4-20250514-v1:0'],
    ['claude-opus-4-5[1m]', 'claude-opus-4-5[1m]'],
    ['Some Model (Thinking) ', 'Some Model (Thinking)'],
    ['x'.repeat(100), 'x'.repeat(100)],
    ['x'.repeat(101), null],
    ['<synthetic>', null],
    ['--dangerous', null],
    ['', null],
    ['two\nlines', null],
    ['ends with\n', null],
    ['\u001b[31mred', null],
    ['a\u202eb', null],
    ['a`b', null],
    [7, null],
    [null, null],
    [['a'], null],
  ])('takes the name %j as %j', (announced, model) => {
    expect(answererOf({ announced }).model).toBe(model)
  })

  it.each([
    ['2.1.329', '2.1.329'],
    ['v1.2.3-beta.1+x', '1.2.3-beta.1+x'],
    [`1${'2'.repeat(49)}`, `1${'2'.repeat(49)}`],
    [`1${'2'.repeat(50)}`, null],
    ['version 2', null],
    ['2.1.329\n', null],
    ['2 1', null],
    [2, null],
  ])('takes the version %j as %j', (version, cliVersion) => {
    expect(answererOf({ version }).cliVersion).toBe(cliVersion)
  })

  it('keeps ten other models', () => {
    const names = Array.from({ length: 20 }, (_, index) => `m${index}`)
    expect(answererOf({ answers: names }).otherModels).toHaveLength(10)
  })
})
