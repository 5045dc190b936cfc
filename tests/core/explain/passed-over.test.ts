import { describe, expect, it } from 'vitest'
import type { AgentFact } from '../../../src/core/agent/agent-choice.ts'
import { type PassedOver, passedOver } from '../../../src/core/explain/passed-over.ts'
import type { Role, WpRecord } from '../../../src/core/work-package/work-package.ts'
import { ada, attempt, bob, config, fact, failed, later, now, record, work } from '../samples.ts'

interface Given {
  readonly role?: Role
  readonly wp?: Partial<WpRecord>
  readonly rules?: Record<string, unknown>
}

const out = fact(ada, { out: 'it is not signed in' })
const cools = fact(ada, { coolingUntil: later, coolingReason: 'rate-limit: too many' })

/** It left nothing behind. */
const crashed = (number: number) => failed(number, 'crashed', { headCommit: 'base' })

/** Of these agents, where bob was chosen. */
function beforeBob(agent: AgentFact, { role = 'implementation', wp = {}, rules = {} }: Given = {}) {
  return passedOver(role, record(wp), [agent, fact(bob)], config(rules), now, bob)
}

describe('an agent is passed over', () => {
  const once = { attempts: [crashed(1)] }
  const alike = { attempts: [crashed(1), crashed(2)] }
  const patient = { agents: { max_retries: 5 } }
  it.each<readonly [string, AgentFact, Given, PassedOver['why']]>([
    ['that cannot be used in this run', out, {}, { kind: 'out', reason: 'it is not signed in' }],
    ['that cannot be used for no given reason', fact(ada, { out: '' }), {}, { kind: 'out', reason: '' }],
    [
      'that has used its retries',
      fact(ada),
      { wp: once, rules: { agents: { max_retries: 0 } } },
      { kind: 'retries-used' },
    ],
    ['that has failed twice in the same way', fact(ada), { wp: alike, rules: patient }, { kind: 'repeats-itself' }],
    ['that cools down', cools, {}, { kind: 'cooling', until: later, reason: 'rate-limit: too many' }],
    ['that made the work', fact(ada), { role: 'review', wp: { work } }, { kind: 'implementer' }],
  ])('%s', (_, agent, given, why) => {
    expect(beforeBob(agent, given)).toEqual([{ agent: ada, why }])
  })

  it.each<readonly [string, AgentFact, Given, PassedOver['why']['kind']]>([
    ['out before all else', { ...out, coolingUntil: later }, { role: 'review', wp: { work, ...alike } }, 'out'],
    [
      'used retries before a repeated failure',
      cools,
      { wp: alike, rules: { agents: { max_retries: 1 } } },
      'retries-used',
    ],
    ['a repeated failure before a pause', cools, { wp: alike, rules: patient }, 'repeats-itself'],
    ['a pause before its own work', cools, { role: 'review', wp: { work } }, 'cooling'],
  ])('for one reason: %s', (_, agent, given, kind) => {
    expect(beforeBob(agent, given).map(({ why }) => why.kind)).toEqual([kind])
  })
})

describe('an agent is not passed over', () => {
  const reviews = (rules: Record<string, unknown>): Given => ({ role: 'review', wp: { work }, rules })
  it.each<readonly [string, AgentFact, Given]>([
    ['when nothing is against it', fact(ada), {}],
    ['when it has cooled down now', fact(ada, { coolingUntil: now }), {}],
    ['after one failure of two', fact(ada), { wp: { attempts: [crashed(1)] }, rules: { agents: { max_retries: 1 } } }],
    ['for failures of an earlier cycle', fact(ada), { wp: { cycle: 2, attempts: [crashed(1), crashed(2)] } }],
    ['for failures in the other role', fact(ada), { role: 'review', wp: { attempts: [crashed(1), crashed(2)] } }],
    ['for its own work, where it implements', fact(ada), { wp: { work } }],
    ['for its own work, where anyone may review', fact(ada), reviews({ review: { reviewer: 'any' } })],
    [
      'for its own work, where it does everything',
      fact(ada),
      reviews({ agents: { single_agent_mode: { agent: 'ada' } } }),
    ],
    ['for a review of work that is not known', fact(ada), { role: 'review' }],
    ['for the work of another', fact(ada), { role: 'review', wp: { work: { ...work, agent: bob } } }],
  ])('%s', (_, agent, given) => {
    expect(beforeBob(agent, given)).toEqual([])
  })
})

describe('agents.fallback_strategy', () => {
  const both = [fact(ada), fact(bob)]
  const over = (role: Role, wp: Partial<WpRecord>, fallback_strategy: string) =>
    passedOver(role, record(wp), both, config({ agents: { fallback_strategy } }), now, null)
  it.each<readonly [string, Role, Partial<WpRecord>, string, readonly PassedOver[]]>([
    [
      'lets the first take the role',
      'implementation',
      {},
      'same_agent',
      [{ agent: bob, why: { kind: 'not-in-turn' } }],
    ],
    [
      'fail: lets the first take the role',
      'implementation',
      {},
      'fail',
      [{ agent: bob, why: { kind: 'not-in-turn' } }],
    ],
    [
      'keeps to the one that was tried',
      'implementation',
      { attempts: [attempt(1, { agent: bob })] },
      'same_agent',
      [{ agent: ada, why: { kind: 'not-in-turn' } }],
    ],
    [
      'lets the first of the others review',
      'review',
      { work },
      'same_agent',
      [{ agent: ada, why: { kind: 'implementer' } }],
    ],
    ['next_in_list: lets all', 'implementation', {}, 'next_in_list', []],
  ])('%s', (_, role, wp, strategy, expected) => {
    expect(over(role, wp, strategy)).toEqual(expected)
  })

  it('is not asked where the agent is out', () => {
    const agents = [fact(ada), fact(bob, { out: 'it is disabled' })]
    const rules = config({ agents: { fallback_strategy: 'same_agent' } })
    const found = passedOver('implementation', record(), agents, rules, now, null)
    expect(found).toEqual([{ agent: bob, why: { kind: 'out', reason: 'it is disabled' } }])
  })
})

describe('which agents are looked at', () => {
  const outs = [out, fact(bob, { out: 'it is disabled' })]
  it.each([
    ['those before the one that was chosen', bob, [ada]],
    ['none before the first', ada, []],
    ['all where none was chosen', null, [ada, bob]],
  ])('%s', (_, chosen, expected) => {
    const found = passedOver('implementation', record(), outs, config(), now, chosen)
    expect(found.map(({ agent }) => agent)).toEqual(expected)
  })

  it('all where the one that was chosen is not among them', () => {
    expect(passedOver('implementation', record(), [out], config(), now, bob)).toHaveLength(1)
  })
})
