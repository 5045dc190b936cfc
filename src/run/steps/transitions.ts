import { dirname } from 'node:path'
import { findingLine } from '../../core/judgement/follow-ups.ts'
import type { Judgement } from '../../core/judgement/review.ts'
import { type Lane, laneName, parseLane } from '../../core/mission/lane.ts'
import { quote, redact } from '../../core/text.ts'
import { curesOf, handover, handoverText } from '../../core/work-package/handover.ts'
import type { Outcome, Step } from '../../core/work-package/step.ts'
import type { WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { Evidence, ReviewResult } from '../host/input.ts'
import type { RunContext } from '../run-context.ts'
import { leftAlone } from './claim.ts'
import { mutate, readLane, refusedStep } from './mutate.ts'

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>

/** The longest note for the host: enough for every finding, far below the 128 KiB limit of an argument. */
const noteLength = 8_000

export async function submit(wp: WorkPackage, step: StepOf<'submit'>, run: RunContext): Promise<Outcome> {
  const policy = run.agents.policy(step.agent, 'implementation')
  const note = `implemented by ${step.agent}, head ${wp.record.work?.headCommit ?? 'unknown'}`
  return move(wp, run, 'for_review', { policy, note })
}

export async function startReview(wp: WorkPackage, step: StepOf<'start-review'>, run: RunContext): Promise<Outcome> {
  const policy = run.agents.policy(step.agent, 'review')
  const answer = await mutate(run, wp, () =>
    run.ports.host.startReview({ mission: run.mission, wpId: wp.wpId, policy }),
  )
  return answer.kind === 'refused' ? answer : { kind: 'moved', to: 'in_review' }
}

/** The verdict counts only for the commit that was reviewed, so HEAD is checked again before the host call. */
export async function* approve(wp: WorkPackage, step: StepOf<'approve'>, run: RunContext): GitWork<Outcome> {
  const { judgement } = step
  const path = wp.worktree?.path ?? ''
  const state = yield* need(run.ports.workspace.inspect(path))
  if (state.kind === 'missing') return leftAlone(`its lane worktree ${path} is gone`)
  if (state.head !== judgement.commit || state.branch !== wp.worktree?.branch || state.dirty) {
    return { kind: 'verdict-void', reason: `${judgement.commit} was reviewed, but the worktree has changed since` }
  }
  const reviewResult = resultOf(judgement, 'approved')
  const branch = wp.worktree?.branch ?? ''
  const repos = [{ repo: run.repository, branch, commit: judgement.commit }]
  const verification = verificationOf(wp.record, judgement.commit)
  const checks = verification.map(({ command, result, summary }) => `\ncheck ${command}: ${result}, ${summary}`)
  const said = `approved at ${judgement.commit}${countedNote(judgement)}: ${judgement.verdict.summary}`
  const note = noteOf(`${said}${followUpNote(judgement)}${checks.join('')}`)
  if (run.config.review.complete_as === 'done') {
    const evidence = { review: reviewResult, repos, ...(verification.length > 0 ? { verification } : {}) }
    return move(wp, run, 'done', { reviewResult, evidence, note })
  }
  const policy = run.agents.policy(judgement.reviewer, 'review')
  // Without evidence, with which the host would also move a WP that someone has sent back to in_progress.
  return move(wp, run, 'approved', { policy, reviewResult, note })
}

/** The configured checks, if they ran on the commit that is approved. */
function verificationOf({ work }: WpRecord, commit: string): NonNullable<Evidence['verification']> {
  if (!work?.checks?.length || work.headCommit !== commit) return []
  return work.checks.map(({ command, exitCode }) => ({
    command: quote(command),
    result: exitCode === 0 ? 'pass' : 'fail',
    summary: `exit ${exitCode}`,
  }))
}

export async function reject(wp: WorkPackage, step: StepOf<'reject'>, run: RunContext): Promise<Outcome> {
  const { judgement } = step
  const policy = run.agents.policy(judgement.reviewer, 'review')
  return move(wp, run, 'in_progress', {
    policy,
    reviewResult: resultOf(judgement, 'changes_requested'),
    reviewRef: judgement.reference,
    note: noteOf(
      `changes requested: ${judgement.verdict.summary}\n${findingLines(judgement)}${followUpNote(judgement)}`,
    ),
  })
}

/** The host requires a review result for every move out of in_review; without a verdict the reference says so. */
export async function block(wp: WorkPackage, step: StepOf<'block'>, run: RunContext): Promise<Outcome> {
  const logs = logsOf(wp, run)
  const commands = [...curesOf(wp.record), `sko retry ${wp.wpId}`, `sko skip ${wp.wpId}`]
  const note = noteOf(handoverText(step.reason, handover(wp.record), logs, commands))
  if (wp.lane !== 'in_review') return move(wp, run, 'blocked', { note })
  const reviewResult = step.judgement
    ? resultOf(step.judgement, 'changes_requested')
    : ({
        reviewer: run.config.actor,
        verdict: 'changes_requested',
        reference: `review/${wp.wpId}/no-verdict`,
      } as const)
  return move(wp, run, 'blocked', { note, reviewResult })
}

function logsOf({ wpId, record }: WorkPackage, run: RunContext): string | null {
  const last = record.attempts.at(-1)
  return last ? dirname(run.ports.store.attemptFiles(wpId, last)) : null
}

export async function move(
  wp: WorkPackage,
  run: RunContext,
  to: 'for_review' | 'done' | 'approved' | 'in_progress' | 'blocked',
  rest: Omit<Parameters<RunContext['ports']['host']['transition']>[0], 'mission' | 'wpId' | 'to'>,
): Promise<Outcome> {
  const message = `it was to be moved from ${laneName(wp.lane)} to ${to}`
  const movedFrom = (lane: Lane) => refusedStep({ code: 'TRANSITION_REJECTED', message }, lane)
  // The host allows these two moves from other lanes too, where someone may have moved the WP in the meantime.
  const isAllowedElsewhere = to === 'in_progress' || to === 'blocked'
  if (isAllowedElsewhere) {
    const lane = await readLane(run, wp)
    if (laneName(lane) !== laneName(wp.lane)) return movedFrom(lane)
  }
  const answer = await mutate(run, wp, () =>
    run.ports.host.transition({ mission: run.mission, wpId: wp.wpId, to, ...rest }),
  )
  if (answer.kind === 'refused') return answer
  // Someone moved it after that look, before the host made our move.
  const from = parseLane(answer.data.from_lane)
  return isAllowedElsewhere && laneName(from) !== laneName(wp.lane) ? movedFrom(from) : { kind: 'moved', to }
}

function resultOf(judgement: Judgement, verdict: ReviewResult['verdict']): ReviewResult {
  return { reviewer: judgement.reviewer, verdict, reference: judgement.reference }
}

function findingLines(judgement: Judgement): string {
  return judgement.verdict.findings
    .map(f => `- [${f.severity}] ${f.file ?? ''}${f.line ? `:${f.line}` : ''} ${f.problem}`)
    .join('\n')
}

function countedNote({ given, reviewer }: Judgement): string {
  return given === 'changes_requested' ? ` (${reviewer} asked for changes, and nothing that it named blocks)` : ''
}

/** Short: a note is for reading, and all of them are in the report. */
function followUpNote({ followUps = [] }: Judgement): string {
  if (followUps.length === 0) return ''
  const lines = followUps.slice(0, 10).map(finding => `- ${quote(findingLine(finding), 200)}`)
  const more = followUps.length > 10 ? [`- … and ${followUps.length - 10} more`] : []
  return ['', 'follow-ups, not required:', ...lines, ...more].join('\n')
}

export function noteOf(text: string): string {
  return redact(text)
    .split('\n')
    .map(line => quote(line, 1_000))
    .join('\n')
    .slice(0, noteLength)
}
