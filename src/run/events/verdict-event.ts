import type { ModelUse } from '../../core/agent/model-use.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { AnsweredDilution } from '../../core/judgement/dilution/dilution.ts'
import type { Finding } from '../../core/judgement/review.ts'

export interface VerdictGiven extends ModelUse {
  readonly type: 'verdict'
  readonly wpId: WpId
  readonly agent: AgentId
  /** As it counts. */
  readonly verdict: 'approved' | 'changes_requested'
  /** What the reviewer answered. In a re-review, a request for changes in which nothing blocks counts as approved. */
  readonly given: 'approved' | 'changes_requested'
  readonly summary: string
  /** What blocks, or, of an approval, its follow-ups. */
  readonly findings: readonly Finding[]
  readonly followUps: readonly Finding[]
  /** How many findings named no existing place, also when the reviewer was asked once more. */
  readonly notBelieved: number
  readonly commit: string
  /** What may make tests or checks say less, with the reviewer's answers; absent: nothing was found. */
  readonly dilutions?: readonly AnsweredDilution[]
}
