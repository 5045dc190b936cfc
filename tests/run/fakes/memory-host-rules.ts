import type { KnownLane } from '../../../src/core/mission/lane.ts'
import type { TransitionInput } from '../../../src/run/host/input.ts'

/** The host's lane matrix as measured: from -> to without --force. */
const edges: Readonly<Record<KnownLane, readonly KnownLane[]>> = {
  planned: ['claimed', 'blocked', 'canceled'],
  claimed: ['in_progress', 'blocked', 'canceled'],
  in_progress: ['for_review', 'approved', 'planned', 'blocked', 'canceled'],
  for_review: ['in_review', 'blocked', 'canceled'],
  in_review: ['approved', 'done', 'in_progress', 'planned', 'blocked', 'canceled'],
  approved: ['done', 'in_progress', 'planned', 'blocked', 'canceled'],
  blocked: ['in_progress', 'canceled'],
  done: [],
  canceled: [],
}

const needPolicy: readonly string[] = ['claimed', 'in_progress', 'for_review', 'in_review', 'approved']

export interface Facts {
  readonly openSubtasks: readonly string[]
  readonly laneHasCommit: boolean
}

/** Why the host would answer TRANSITION_REJECTED (or another code, before a colon); null when it would move the WP. */
export function refusalOf(from: KnownLane, to: KnownLane, input: TransitionInput, facts: Facts): string | null {
  const { policy, note, reviewResult, evidence, reviewRef } = input
  if (needPolicy.includes(to) && !policy) return `POLICY_METADATA_REQUIRED:--policy is required for '${to}'`
  if (!edges[from].includes(to)) return `Illegal transition: ${from} -> ${to}`
  if (from === 'in_review' && !reviewResult) return 'leaving in_review needs a review result'
  if (from === 'in_review' && (to === 'approved' || to === 'done') && reviewResult?.verdict !== 'approved') {
    return `the review result does not approve, and ${to} was asked for`
  }
  if (to === 'done' && !evidence) return 'done needs evidence'
  if (from === 'in_review' && evidence && JSON.stringify(evidence.review) !== JSON.stringify(reviewResult)) {
    return 'evidence and review result do not agree'
  }
  if (from === 'in_progress' && to === 'planned' && !note) return 'back to planned needs a note'
  if (from === 'in_progress' && to === 'approved' && evidence?.review.verdict !== 'approved') return 'needs evidence'
  if (from === 'approved' && (to === 'in_progress' || to === 'planned') && !reviewRef) return 'needs a review ref'
  if (to === 'for_review' && facts.openSubtasks.length > 0) {
    return `Cannot move to for_review: unchecked subtasks ${facts.openSubtasks.join(', ')}`
  }
  if (to === 'for_review' && !facts.laneHasCommit) return 'no implementation commit on the lane'
  return null
}
