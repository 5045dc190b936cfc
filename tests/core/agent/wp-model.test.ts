import { describe, expect, it } from 'vitest'
import { agentId as agent } from '../../../src/agents/agent-id.ts'
import { answererWords, modelSwap } from '../../../src/core/agent/model-swap.ts'
import { modelUse, modelUseOf } from '../../../src/core/agent/model-use.ts'
import {
  fieldsWithoutUse,
  type ModelQuestion,
  modelOfWp,
  roleOfModel,
  shownValue,
  wpAsks,
} from '../../../src/core/agent/wp-model.ts'
import type { AgentId } from '../../../src/core/ids.ts'
import type { Attempt } from '../../../src/core/work-package/work-package.ts'

const none = { agent: null, model: null, profile: null, role: null }

describe('what the frontmatter of a WP asks for', () => {
  it.each([
    [{}, none],
    [{ agent: '', model: '', agent_profile: '', role: '' }, none],
    [
      { agent: 'claude', model: 'm', agent_profile: 'p', role: 'r' },
      { agent: 'claude', model: 'm', profile: 'p', role: 'r' },
    ],
    [
      { agent: 'claude:opus-4-7', model: 'm' },
      { ...none, agent: 'claude', model: 'opus-4-7' },
    ],
    [
      { agent: 'claude:a:b:reviewer', model: 'm', agent_profile: 'p', role: 'r' },
      { agent: 'claude', model: 'a', profile: 'b', role: 'reviewer' },
    ],
    [
      { agent: 'claude::b', model: 'm' },
      { ...none, agent: 'claude', model: 'm', profile: 'b' },
    ],
    [{ agent: 'a:b:c:d:e:f' }, { agent: 'a', model: 'b', profile: 'c', role: 'd' }],
    [
      { agent: { tool: 'codex', model: 'x' }, role: 'r' },
      { ...none, agent: 'codex', model: 'x', role: 'r' },
    ],
    [
      { agent: ['claude'], model: 5 },
      { ...none, model: 5 },
    ],
  ])('%j', (fields, asks) => {
    expect(wpAsks(fields)).toEqual(asks)
  })

  it.each([
    ['reviewer', 'review'],
    ['implementer', 'implementation'],
    [null, 'implementation'],
    [['reviewer'], 'implementation'],
  ])('a role %j is of the %s', (role, expected) => {
    expect(roleOfModel({ role })).toBe(expected)
  })

  it.each([
    [none, []],
    [{ ...none, agent: 'claude', role: 'implementer' }, []],
    [{ ...none, agent: 'codex', role: 'reviewer' }, [['agent', 'codex']]],
    [{ ...none, agent: 'windsurf' }, [['agent', 'windsurf']]],
    // The host writes the name of whoever claims the WP.
    [{ ...none, agent: 'spec-kitty-orchestrator' }, []],
    [{ ...none, agent: 'toString' }, []],
    [{ ...none, agent: 7 }, []],
    [
      { ...none, profile: 'p', role: 'architect' },
      [
        ['agent_profile', 'p'],
        ['role', 'architect'],
      ],
    ],
  ])('%j has no use for %j', (asks, fields) => {
    expect(fieldsWithoutUse(asks, 'claude-code')).toEqual(fields)
  })

  it.each([
    ['x', 'x'],
    ['a\nb', 'a b'],
    ['x'.repeat(99), `${'x'.repeat(59)}…`],
    [['a'], '(a list)'],
    [{ a: 1 }, '(a mapping)'],
    [5, '5'],
    [true, 'true'],
  ])('%j is shown as %j', (value, shown) => {
    expect(shownValue(value)).toBe(shown)
  })
})

describe('the model of a WP', () => {
  const failed = (change: Partial<Attempt> = {}): Attempt => ({
    ...{ number: 3, role: 'implementation', cycle: 1, agent: agent('claude-code'), baseCommit: 'a', startedAt: '' },
    ...{ endedAt: null, process: null, headCommit: null, usage: null, lastWords: null, sessionId: null },
    ...{ resumedSession: null, wpModel: true, configuredModel: 'claude-x' },
    result: { kind: 'failed', failure: { class: 'agent-error', detail: 'no such model' } },
    ...change,
  })
  const question = (change: Partial<ModelQuestion> = {}): ModelQuestion => ({
    wanted: 'claude-x',
    agent: 'claude-code',
    settings: { model: null, args: [] },
    takesModel: name => name.startsWith('claude-'),
    attempts: [],
    ...change,
  })
  const notAName = 'it is not the name of a model'
  const inArguments = 'the arguments in agents.settings.claude-code name a model'

  it.each([
    ['a name', {}, 'claude-x', null],
    ['the longest name', { wanted: `claude-${'x'.repeat(93)}` }, `claude-${'x'.repeat(93)}`, null],
    ['odd but harmless', { wanted: 'claude-x.y:z/1@2+3~4[1m]_' }, 'claude-x.y:z/1@2+3~4[1m]_', null],
    ['too long', { wanted: `claude-${'x'.repeat(94)}` }, null, notAName],
    ['nothing', { wanted: null }, null, null],
    ["the host's placeholder", { wanted: 'unknown-model' }, null, null],
    ['a flag', { wanted: '--model' }, null, notAName],
    ['a blank', { wanted: 'claude x' }, null, notAName],
    ['a second line', { wanted: 'claude-x\n' }, null, notAName],
    ['a list', { wanted: ['claude-x'] }, null, notAName],
    ['a number', { wanted: 5 }, null, notAName],
    ['configured', { settings: { model: 'opus', args: [] } }, null, 'agents.settings.claude-code asks for opus'],
    ['configured alike', { wanted: 'claude-opus-4-5', settings: { model: 'opus', args: [] } }, null, null],
    ['-m', { settings: { model: null, args: ['-v', '-m', 'x'] } }, null, inArguments],
    ['--model=', { settings: { model: null, args: ['--model=x'] } }, null, inArguments],
    ['other arguments', { settings: { model: null, args: ['--models', 'x-m'] } }, 'claude-x', null],
    ['an agent without', { takesModel: undefined }, null, 'claude-code takes no model from a work package'],
    ['of another maker', { wanted: 'gpt-5' }, null, 'claude-code has no model of this name'],
    ['failed before', { attempts: [failed()] }, null, 'claude-code could not use it in attempt 3'],
    ['failed by another agent', { attempts: [failed({ agent: agent('codex') })] }, 'claude-x', null],
    ['failed as another model', { attempts: [failed({ configuredModel: 'claude-y' })] }, 'claude-x', null],
    ['succeeded before', { attempts: [failed({ result: { kind: 'succeeded' } })] }, 'claude-x', null],
    ['runs', { attempts: [failed({ result: null })] }, 'claude-x', null],
    [
      'failed for another reason',
      { attempts: [failed({ result: { kind: 'failed', failure: { class: 'network', detail: '' } } })] },
      'claude-x',
      null,
    ],
  ])('%s', (_, change: Partial<ModelQuestion>, use, refused) => {
    expect(modelOfWp(question(change))).toEqual({ use, refused })
  })

  it('that was configured then is not one that the WP asked for', () => {
    const { wpModel: _, ...configured } = failed()
    expect(modelOfWp(question({ attempts: [configured] }))).toEqual({ use: 'claude-x', refused: null })
  })
})

describe('modelSwap', () => {
  type Answered = Parameters<typeof modelSwap>[0]
  const of = (id: string, configuredModel: string | null, model: string | null): Answered => ({
    agent: id as AgentId,
    ...(configuredModel === null ? {} : { configuredModel }),
    ...(model === null ? {} : { model }),
  })
  const [sonnet, opus] = ['claude-sonnet-4-5', 'claude-opus-4-5']

  it.each([
    ['as asked', of('a', 'sonnet', sonnet), [], null],
    ['not stated', of('a', 'opus', null), [], null],
    ['swapped', of('a', 'opus', sonnet), [], { asked: 'opus', before: null, answered: sonnet }],
    ['swapped again', of('a', 'opus', sonnet), [of('a', 'opus', sonnet)], null],
    [
      'swapped as another agent was',
      of('a', 'opus', sonnet),
      [of('b', 'opus', sonnet)],
      { asked: 'opus', before: null, answered: sonnet },
    ],
    [
      'swapped for another model',
      of('a', 'opus', sonnet),
      [of('a', 'opus', 'glm-4.6')],
      { asked: 'opus', before: null, answered: sonnet },
    ],
    ['the first of an agent', of('a', null, sonnet), [of('b', null, opus)], null],
    [
      'changed',
      of('a', null, sonnet),
      [of('a', null, 'x'), of('a', null, 'y'), of('a', null, opus)],
      { asked: null, before: opus, answered: sonnet },
    ],
    ['changed back', of('a', null, sonnet), [of('a', null, sonnet), of('a', null, opus)], null],
    ['changed after attempts that state nothing', of('a', null, sonnet), [of('a', null, null)], null],
    ['not asked for, after one that was', of('a', null, sonnet), [of('a', 'opus', opus)], null],
  ])('%s', (_, attempt, earlier, swap) => {
    expect(modelSwap(attempt, earlier)).toEqual(swap)
  })
})

describe('the words for who answered', () => {
  it.each([
    [{}, 'claude-code'],
    [{ cliVersion: null, model: null, configuredModel: null }, 'claude-code'],
    [{ cliVersion: '2.1' }, 'claude-code 2.1'],
    [{ model: 'claude-opus-4-5' }, 'claude-code (claude-opus-4-5)'],
    [{ configuredModel: 'opus' }, 'claude-code'],
    [{ cliVersion: '2.1', model: 'claude-opus-4-5', configuredModel: 'opus' }, 'claude-code 2.1 (claude-opus-4-5)'],
    [{ model: 'glm-4.6', configuredModel: 'opus\nx' }, 'claude-code (glm-4.6 instead of opus x)'],
  ])('%j', (use, words) => {
    expect(answererWords('claude-code', use)).toBe(words)
  })

  it('come from what is known', () => {
    expect(modelUse({ model: null, otherModels: [], cliVersion: null })).toStrictEqual({})
    const all = { model: 'a', otherModels: ['b'], cliVersion: '1' }
    expect(modelUse(all)).toStrictEqual(all)
    expect(modelUseOf({ ...all, configuredModel: 'c', ...{ more: 1 } })).toStrictEqual({ ...all, configuredModel: 'c' })
    expect(modelUseOf({})).toStrictEqual({})
  })
})
