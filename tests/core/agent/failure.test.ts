import { expect, it } from 'vitest'
import { agentFailureClasses, failureClasses, isLimit, rules } from '../../../src/core/agent/failure.ts'

it('an agent tells every class but those that are our judgement', () => {
  const ours = ['output-limit', 'checks-failed', 'host-rejected']
  expect([...agentFailureClasses, ...ours].toSorted()).toEqual([...failureClasses].toSorted())
  expect(agentFailureClasses.filter(name => ours.includes(name))).toEqual([])
})

it('the limits are those of a plan or an account', () => {
  expect(failureClasses.filter(isLimit)).toEqual(['usage-limit', 'rate-limit'])
})

it.each(failureClasses)('%s has a rule whose words mean something', name => {
  expect(['cool-down', 'agent-out', 'retry', 'fallback', 'feedback']).toContain(rules[name].consequence)
  expect(['continue', 'once', 'fresh']).toContain(rules[name].session)
})

it('what the host refuses goes back to the agent, without a bound of its own, in the same session', () => {
  const rule = { consequence: 'feedback', perRetry: null, most: null, session: 'continue' }
  expect(rules['host-rejected']).toEqual(rule)
})
