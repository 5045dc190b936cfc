import { laneName } from '../../core/mission/lane.ts'
import { quote } from '../../core/text.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { EventBody } from '../events/event.ts'
import { type Decided, longestReason } from './person.ts'
import type { DecisionRequest } from './requests.ts'

/** Reports the result of a person's decision. Used by the live run, and by a command without one. */
export function reportDecision(
  report: (event: EventBody) => void,
  request: DecisionRequest,
  before: WorkPackage,
  { wp, answer }: Decided,
): void {
  const { wpId } = before
  if (wp === null) {
    report({ type: 'request-refused', request: request.kind, wpId, reason: answer.message })
    return
  }
  const [from, to] = [laneName(before.lane), laneName(wp.lane)]
  if (from !== to) report({ type: 'lane-changed', wpId, from, to })
  const decision = decisionOf(request, wp)
  if (decision !== null) report(decision)
}

function decisionOf({ kind, reason: given }: DecisionRequest, { wpId, record }: WorkPackage): EventBody | null {
  const reason = given === null ? null : quote(given, longestReason)
  switch (kind) {
    case 'retry':
      return { type: 'retried', wpId, reason }
    case 'skip':
      return { type: 'skipped', wpId, reason, branch: record.laneBranch }
    case 'confirm':
      return (
        record.confirmed && {
          type: 'confirmed',
          wpId,
          commit: record.confirmed.commit,
          reason: record.confirmed.reason,
        }
      )
  }
}
