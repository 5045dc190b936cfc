import { duration, usage } from '../core/format.ts'
import { quote } from '../core/text.ts'
import type { Role, WorkPackage } from '../core/work-package/work-package.ts'
import type { EventBody, TreeChangedDuringReview } from '../run/events/event.ts'
import { wantedFile } from './scratch.ts'

/** One expectation of the agent, and what was observed. */
export interface Check {
  readonly check: Role | 'work' | 'verdict' | 'read-only'
  readonly held: boolean
  readonly expected: string
  readonly observed: string
}

/** `changed`: files that differ between HEAD and the start of the attempt. */
export function implementationChecks(
  wp: WorkPackage,
  events: readonly EventBody[],
  changed: readonly string[],
): readonly Check[] {
  const byUs = events.some(event => event.type === 'work-committed')
  const how = byUs ? 'left uncommitted, so it was committed for the agent' : 'committed by the agent'
  const files = changed.slice(0, 5).map(file => quote(file, 80))
  return [
    ended('implementation', events),
    {
      check: 'work',
      held: wp.record.halt === null && changed.includes(wantedFile),
      expected: `a new file ${wantedFile}`,
      observed:
        wp.record.halt?.reason ?? (changed.length === 0 ? 'no file was changed' : `${files.join(', ')}: ${how}`),
    },
  ]
}

/** `events`: only those of the review. */
export function reviewChecks(
  wp: WorkPackage,
  events: readonly EventBody[],
  reviewerIsReadOnly: boolean,
  worktreeIsThere: boolean,
): readonly Check[] {
  const verdict = wp.record.judgement?.verdict
  const change = events.find(event => event.type === 'tree-changed-during-review')
  const note = reviewerIsReadOnly ? '' : ' (nothing prevents this agent from writing)'
  return [
    ended('review', events),
    {
      check: 'verdict',
      held: verdict !== undefined,
      expected: 'a verdict that sko can read',
      observed: verdict
        ? `${verdict.verdict}, ${verdict.findings.length} finding(s): ${quote(verdict.summary, 200)}`
        : (wp.record.halt?.reason ?? whyNoVerdict(events)),
    },
    {
      check: 'read-only',
      held: worktreeIsThere && change === undefined,
      expected: `tree and HEAD as they were before the review${note}`,
      observed: worktreeIsThere ? whatChanged(change) : 'its worktree is gone',
    },
  ]
}

function ended(role: Role, events: readonly EventBody[]): Check {
  const end = events.find(event => event.type === 'attempt-ended')
  const how = end?.failure ? `it failed as ${end.failure.class}: ${end.failure.detail}` : 'it succeeded'
  return {
    check: role,
    held: end !== undefined && end.failure === null,
    expected: 'exit 0 and its own record of success',
    observed: end ? `${how} (${duration(end.elapsedMs)}, usage ${usage(end.usage)})` : 'it was not started',
  }
}

function whatChanged(change: TreeChangedDuringReview | undefined): string {
  return change === undefined
    ? 'unchanged'
    : `changed; the change was undone and is kept in ${change.patch ?? change.kept}`
}

function whyNoVerdict(events: readonly EventBody[]): string {
  const reason = events.find(event => event.type === 'attempt-void')?.failure.detail
  return reason ?? 'no verdict, because the review failed'
}
