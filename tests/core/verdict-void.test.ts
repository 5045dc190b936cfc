import { expect, it } from 'vitest'
import { codex } from '../../src/agents/adapters/codex.ts'
import { configSchema } from '../../src/config/schema.ts'
import { isLaneId, isWpId } from '../../src/core/ids.ts'
import type { Judgement } from '../../src/core/judgement/review.ts'
import { applyOutcome, withAttempt } from '../../src/core/work-package/apply-outcome.ts'
import { nextStep } from '../../src/core/work-package/lifecycle.ts'
import type { ActiveStep, Outcome } from '../../src/core/work-package/step.ts'
import { type Attempt, newRecord, type WorkPackage } from '../../src/core/work-package/work-package.ts'
import { fact } from './samples.ts'

const context = {
  config: configSchema.parse({}),
  agents: {
    implementation: [],
    review: [fact(codex.id)],
  },
  now: 0,
  ceiling: { implementation: null, review: null },
}

it('a verdict that is void time and again ends with a person, not with ever more reviews', () => {
  let wp = inReview()
  const steps: string[] = []
  for (let turn = 0; turn < 20; turn += 1) {
    const step = nextStep(wp, context)
    steps.push(step.kind)
    if (step.kind !== 'review' && step.kind !== 'approve') break
    wp = applyOutcome(wp, step, outcomeOf(wp, step))
  }
  expect(steps).toEqual(['review', 'approve', 'review', 'approve', 'block'])
})

function inReview(): WorkPackage {
  const wpId = 'WP01'
  const laneId = 'lane-a'
  if (!isWpId(wpId) || !isLaneId(laneId)) throw new Error('these are ids')
  const worktree = { path: '/w', promptPath: '/p', laneId, branch: 'lane', baseRef: null }
  return { wpId, lane: 'in_review', worktree, record: newRecord(wpId) }
}

/** Every review approves, and every approval finds that the worktree has moved on. */
function outcomeOf(wp: WorkPackage, step: ActiveStep): Outcome {
  if (step.kind === 'approve') return { kind: 'verdict-void', reason: 'the worktree has changed since' }
  const attempt: Attempt = {
    number: wp.record.attempts.length + 1,
    role: 'review',
    cycle: 1,
    agent: codex.id,
    baseCommit: 'c0ffee',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:01:00.000Z',
    process: null,
    result: { kind: 'succeeded' },
    headCommit: null,
    usage: null,
    lastWords: null,
    sessionId: null,
    resumedSession: null,
  }
  const judgement: Judgement = {
    verdict: { verdict: 'approved', summary: 'Fine.', findings: [], checks: [] },
    reviewer: codex.id,
    reference: `review/WP01/c1-a${attempt.number}`,
    commit: 'c0ffee',
    shown: [],
  }
  return { kind: 'attempt-ended', begun: withAttempt(wp.record, { ...attempt, result: null }), attempt, judgement }
}
