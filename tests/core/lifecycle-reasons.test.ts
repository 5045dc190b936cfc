import { describe, expect, it } from 'vitest'
import { type LifecycleContext, nextStep } from '../../src/core/work-package/lifecycle.ts'
import type { Step } from '../../src/core/work-package/step.ts'
import type { WpRecord } from '../../src/core/work-package/work-package.ts'
import { ada, bob, config, fact, finding, judgement, later, now, workPackage } from './samples.ts'

const both = [fact(ada), fact(bob)]
const context: LifecycleContext = {
  config: config({ review: { max_cycles: 2 } }),
  agents: { implementation: both, review: both },
  now,
  ceiling: { implementation: null, review: null },
}
const rejected = judgement('changes_requested')

function inReview(more: Partial<WpRecord>): Step {
  return nextStep(workPackage('in_review', { judgement: rejected, ...more }), context)
}

describe('a rejection that no rework would fix', () => {
  it.each([
    ['in a line', { file: 'a.ts', line: 3 }, 'a.ts:3: '],
    ['in a file', { file: 'a.ts', line: null }, 'a.ts: '],
    ['of the whole', { file: null, line: null }, ''],
  ])('names the finding %s', (_, place, where) => {
    const again = { ...finding, ...place }
    const found = { ...rejected, verdict: { ...rejected.verdict, findings: [again] } }
    expect(inReview({ judgement: found, earlierFindings: [{ ...again, raised: 2 }] })).toEqual({
      kind: 'block',
      reason: `the same finding stands after 2 reworks: ${where}it is wrong`,
      judgement: found,
    })
    expect(inReview({ judgement: found, earlierFindings: [{ ...again, raised: 1 }] }).kind).toBe('reject')
  })

  it('names the bound and the reviewer', () => {
    expect(inReview({ cycle: 2 })).toEqual({
      kind: 'block',
      reason: 'rejected 2 times (review.max_cycles), last by bob: in short',
      judgement: rejected,
    })
  })
})

describe('what is held', () => {
  it.each([
    ['planned', 'implementation'],
    ['in_progress', 'implementation'],
    ['for_review', 'review'],
    ['in_review', 'review'],
  ] as const)('in %s by the budget of the %s', (lane, role) => {
    const ceiling = { ...context.ceiling, [role]: 'all is used' }
    const held = { kind: 'finish', end: 'held', by: 'budget', reason: 'all is used' }
    expect(nextStep(workPackage(lane), { ...context, ceiling })).toEqual(held)
    const other = role === 'review' ? 'implementation' : 'review'
    const free = nextStep(workPackage(lane), { ...context, ceiling: { ...context.ceiling, [other]: 'all is used' } })
    expect(free).toEqual(nextStep(workPackage(lane), context))
  })

  it('by a limit, where limits.on_usage_limit is stop', () => {
    const limited = [fact(ada, { coolingUntil: later, coolingReason: 'usage-limit: full', coolingByLimit: true })]
    const stop = {
      config: config({ limits: { on_usage_limit: 'stop' } }),
      agents: { implementation: limited, review: [] },
    }
    expect(nextStep(workPackage('planned'), { ...context, ...stop })).toEqual({
      kind: 'finish',
      end: 'held',
      by: 'limit',
      reason: 'ada: usage-limit: full (limits.on_usage_limit is stop)',
    })
  })
})
