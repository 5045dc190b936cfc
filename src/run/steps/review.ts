import { attemptsOfCycle } from '../../core/agent/agent-choice.ts'
import { longestArgument } from '../../core/argument.ts'
import type { CheckResult } from '../../core/gate/check-result.ts'
import type { AgentId } from '../../core/ids.ts'
import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import type { Dilution } from '../../core/judgement/dilution/dilution.ts'
import { questionsOf } from '../../core/judgement/dilution/questions.ts'
import { type Delta, type ReviewBriefing, type ReviewedPart, reviewFrame } from '../../core/prompt/review-prompt.ts'
import type { RefusedAnswer } from '../../core/prompt/verdict-rules.ts'
import { stashNotes } from '../../core/repository/stash-crossing.ts'
import { firstBytes } from '../../core/text.ts'
import { reviewCutOff } from '../../core/work-package/cut-off.ts'
import type { Outcome, Step } from '../../core/work-package/step.ts'
import type { WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import type { Agent } from '../attempts/agent.ts'
import { runAttempt } from '../attempts/attempt.ts'
import type { EndedAttempt } from '../attempts/ended-attempt.ts'
import { both, type GitWork, inParallel, need } from '../git/git-work.ts'
import type { DiffText } from '../git/workspace.ts'
import { judge, type Reviewed } from '../judging/judge.ts'
import { lastReviewedIn, ownRanges } from '../judging/own-ranges.ts'
import { readWpFile } from '../mission/wp-file.ts'
import { wpModel } from '../models/wp-defaults.ts'
import type { RunContext } from '../run-context.ts'
import { leftAlone, unanswered } from './claim.ts'
import { dilutionsIn } from './dilutions.ts'
import { mergedOnRequest } from './files/own-changes.ts'
import { changedOutside } from './files/owned-files.ts'
import { framed } from './framed.ts'
import { commitsAfter, putBackReviewed, putBackUnwatched, type ReviewedAt } from './put-back.ts'
import { readTask } from './read-task.ts'
import { unseenIn } from './unseen.ts'
import { verdictJsonSchema } from './verdict.ts'

/** Bytes of the diff that are shown to a reviewer who cannot run git: about 50,000 tokens. */
const longestDiff = 200_000

/** One review attempt. Returns a judgement bound to the commit, or none. */
export async function* review(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'review' }>,
  run: RunContext,
): GitWork<Outcome> {
  const { worktree, record } = wp
  if (!worktree) throw new Error(`${wp.wpId} is to be reviewed before its worktree is known`)
  const { workspace } = run.ports
  const before = yield* need(workspace.inspect(worktree.path))
  if (before.kind === 'missing') return leftAlone(`its lane worktree ${worktree.path} is gone`)
  const full = yield* need(workspace.whyNoRoom(worktree.path))
  if (full !== null) return unanswered(full)
  const interrupted = reviewCutOff(record)
  if (before.branch !== worktree.branch && interrupted === null) {
    const where = before.branch ? `on branch ${before.branch}` : 'on no branch'
    return leftAlone(`its lane worktree ${worktree.path} is ${where}, not on ${worktree.branch}: check that out there`)
  }
  const later = interrupted ? yield* commitsAfter(wp, interrupted, run) : 0
  if (later > 0) run.ports.report({ type: 'commits-on-top', wpId: wp.wpId, commits: later, head: before.head })
  const at = { head: later > 0 ? before.head : (interrupted?.baseCommit ?? before.head), branch: worktree.branch }
  yield* putBackUnwatched(wp, before, at, run)
  const base = record.work?.baseCommit ?? record.wpBase ?? (yield* branchPoint(wp, run))
  if (!base) return leftAlone('this run did not see where its work began, so no reviewer can be shown the difference')
  const file = await readTask(wp, run)
  if (typeof file === 'string') return unanswered(file)
  const agent = run.agents.agent(step.agent)
  const own = yield* ownRanges(wp, base, at.head, run)
  const unseen = yield* unseenIn(wp, at.head, own, run)
  if (unseen.length > 0) run.ports.report({ type: 'unreviewed-shown', wpId: wp.wpId, ranges: unseen })
  const stretches = [...own, ...unseen]
  const dilutions = yield* dilutionsIn(worktree.path, stretches, run)
  const toReview = { worktree: worktree.path, head: at.head, base, own, unseen, agent: step.agent, dilutions }
  const briefing = yield* briefingOf(wp, toReview, file, run)
  const frame = reviewFrame(yield* withDiffs(briefing, file, agent, run))
  const ended = await runAttempt(
    {
      wp,
      role: 'review',
      agent: step.agent,
      worktree: worktree.path,
      prompt: framed(frame, file),
      baseCommit: at.head,
      wpBase: base,
      resumeSession: null,
      wpModel: wpModel(wp, 'review', step.agent, file, run),
      shown: stretches,
      dilutions,
    },
    run,
  )
  return yield* afterReview(wp, ended, { ...at, watched: true, shown: stretches }, run)
}

interface ToReview {
  /** The path of the lane worktree. */
  readonly worktree: string
  readonly head: string
  readonly base: string
  readonly own: readonly ReviewedRange[]
  readonly unseen: readonly ReviewedRange[]
  readonly agent: AgentId
  readonly dilutions: readonly Dilution[]
}

async function* briefingOf(
  wp: WorkPackage,
  { worktree, head, base, own, unseen, agent, dilutions }: ToReview,
  file: Uint8Array,
  run: RunContext,
): GitWork<ReviewBriefing> {
  const { record } = wp
  const [parts, outside] = yield* both(
    partsOf(worktree, own, unseen, run),
    changedOutside(wp, { base, head }, readWpFile(file), run),
  )
  const history = yield* need(run.ports.workspace.history(worktree, base, head))
  return {
    mission: run.mission,
    worktree,
    record,
    head,
    parts,
    delta: yield* deltaOf(wp, head, run),
    refused: refusedAnswers(record, agent),
    checks: checksOf(record, head),
    outside,
    merged: yield* mergedOnRequest(wp, history, run),
    stash: stashNotes(wp.wpId, run.ports.store.records()),
    questions: questionsOf(dilutions),
    schema: verdictJsonSchema(),
  }
}

async function* deltaOf(wp: WorkPackage, head: string, run: RunContext): GitWork<Delta | null> {
  const { lastReviewed } = wp.record
  if (lastReviewed === null) return null
  const from = yield* lastReviewedIn(wp, head, run)
  if (from === null) return { from: lastReviewed, parts: [] }
  const ranges = yield* ownRanges(wp, from, head, run)
  return { from, parts: yield* partsOf(wp.worktree?.path ?? '', ranges, [], run) }
}

function refusedAnswers(record: WpRecord, reviewer: AgentId): readonly RefusedAnswer[] {
  return attemptsOfCycle(record, 'review').flatMap(({ agent, result }) => {
    if (result?.kind !== 'failed' || result.failure.class !== 'no-verdict') return []
    return [{ agent, own: agent === reviewer, reason: result.failure.detail }]
  })
}

async function* partsOf(
  worktree: string,
  own: readonly ReviewedRange[],
  unseen: readonly ReviewedRange[],
  { ports: { workspace } }: RunContext,
): GitWork<ReviewBriefing['parts']> {
  async function* partOf(range: ReviewedRange, isUnseen: boolean): GitWork<ReviewBriefing['parts'][number]> {
    const [diffStat, hidden] = yield* both(
      need(workspace.diffStat(worktree, range.base, range.head)),
      need(workspace.hiddenChanges(worktree, range.base, range.head)),
    )
    return { ...range, diffStat, diff: null, hidden, unseen: isUnseen }
  }
  return yield* inParallel([...own.map(range => partOf(range, false)), ...unseen.map(range => partOf(range, true))])
}

/** The same for a review that an earlier process started. */
export async function* afterAdoptedReview(
  wp: WorkPackage,
  ended: EndedAttempt,
  watched: boolean,
  run: RunContext,
): GitWork<Outcome> {
  const head = ended.attempt.baseCommit
  const base = wp.record.work?.baseCommit ?? wp.record.wpBase ?? head
  // An older version showed the WP's own work.
  const shown = ended.attempt.shown ?? (yield* ownRanges(wp, base, head, run))
  return yield* afterReview(wp, ended, { head, branch: wp.worktree?.branch ?? null, watched, shown }, run)
}

/** Adds diffs that git does not show the reviewer, as far as a prompt in an argument has room for them. */
async function* withDiffs(
  briefing: ReviewBriefing,
  file: Uint8Array,
  { promptVia, reviewerRunsGit }: Pick<Agent, 'promptVia' | 'reviewerRunsGit'>,
  run: RunContext,
): GitWork<ReviewBriefing> {
  const { worktree, parts, delta } = briefing
  const count = parts.length + (delta?.parts.length ?? 0)
  const room = longestArgument - framed(reviewFrame(briefing), file).length - 200 * count
  const longest = promptVia === 'argument' ? Math.max(0, Math.min(longestDiff, room)) : longestDiff
  const share = Math.floor(longest / count)
  const { workspace } = run.ports
  const withDiff = async function* (part: ReviewedPart): GitWork<ReviewedPart> {
    const { base, head, hidden = [] } = part
    if (reviewerRunsGit && hidden.length === 0) return part
    const only = reviewerRunsGit ? 'hidden' : undefined
    const shown = fitting(yield* need(workspace.diff(worktree, base, head, share, only)), share)
    return reviewerRunsGit ? { ...part, hiddenDiff: shown } : { ...part, diff: shown }
  }
  const [whole, since] = yield* both(inParallel(parts.map(withDiff)), inParallel((delta?.parts ?? []).map(withDiff)))
  return { ...briefing, parts: whole, delta: delta && { ...delta, parts: since } }
}

/** Whole lines of at most `maxBytes`. */
function fitting(diff: DiffText, maxBytes: number): DiffText {
  const text = firstBytes(diff.text, maxBytes)
  return text.length === diff.text.length ? diff : { text: text.slice(0, text.lastIndexOf('\n') + 1), cut: true }
}

/** Puts the tree back as the reviewer was given it, and binds the answer to that commit. */
async function* afterReview(
  wp: WorkPackage,
  ended: EndedAttempt,
  at: ReviewedAt & Reviewed & { readonly watched: boolean },
  run: RunContext,
): GitWork<Outcome> {
  if (!ended.outcome) return { kind: 'interrupted' }
  const headMoved = yield* putBackReviewed(wp, ended.attempt, at, run)
  return yield* judge(wp, ended, at, headMoved, run)
}

/** The results do not apply to a commit that was added since. */
function checksOf({ work }: WpRecord, head: string): readonly CheckResult[] {
  return work?.headCommit === head ? (work.checks ?? []) : []
}

async function* branchPoint(wp: WorkPackage, run: RunContext): GitWork<string | null> {
  const { worktree } = wp
  return worktree?.baseRef ? yield* need(run.ports.workspace.mergeBase(worktree.path, worktree.baseRef)) : null
}
