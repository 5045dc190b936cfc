import { modelUseOf } from '../../core/agent/model-use.ts'
import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import {
  type Answer,
  answered,
  type Question,
  questionsOf,
  unanswered,
} from '../../core/judgement/dilution/questions.ts'
import { type FileLines, findPlace, type KnownFiles, type Place, pathsMeantBy } from '../../core/judgement/place.ts'
import { type Judgement, quotedFindings, quotedVerdict, type Verdict } from '../../core/judgement/review.ts'
import { type Asked, type SettleFacts, type Settlement, settle } from '../../core/judgement/settle.ts'
import { oneLine } from '../../core/text.ts'
import type { Outcome } from '../../core/work-package/step.ts'
import type { Attempt, WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import type { EndedAttempt } from '../attempts/ended-attempt.ts'
import { both, type GitWork, inParallel, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import { readVerdict } from '../steps/verdict.ts'
import { lastReviewedIn } from './own-ranges.ts'

export interface Reviewed {
  /** The commit that was reviewed. */
  readonly head: string
  readonly shown: readonly ReviewedRange[]
}

/** Binds the answer of a review that has ended to the commit that was reviewed. */
export async function* judge(
  wp: WorkPackage,
  { begun, attempt, outcome }: EndedAttempt,
  reviewed: Reviewed,
  headMoved: boolean,
  run: RunContext,
): GitWork<Outcome> {
  const without = (attempt: Attempt): Outcome => ({ kind: 'attempt-ended', begun, attempt, judgement: null })
  if (attempt.result?.kind !== 'succeeded' || !outcome?.report.ok) return without(attempt)
  const read = headMoved
    ? ({ ok: false, reason: 'the reviewer moved HEAD, which voids its verdict' } as const)
    : readVerdict(outcome.report)
  const questions = questionsOf(attempt.dilutions ?? [])
  const settled = read.ok
    ? withAnswers(
        settle(read.verdict, yield* factsOf(wp, attempt, read.verdict, reviewed, run)),
        questions,
        read.answers,
      )
    : ({ ...read, asked: [] } as const)
  if (!settled.ok) {
    const failure = { class: 'no-verdict', detail: settled.reason } as const
    const log = run.ports.store.attemptFiles(wp.wpId, attempt)
    const { agent, number } = attempt
    run.ports.report({ type: 'attempt-void', wpId: wp.wpId, agent, attempt: number, failure, log })
    const asked = settled.asked.length > 0 ? { asked: settled.asked } : {}
    return without({ ...attempt, result: { kind: 'failed', failure }, ...asked })
  }
  const dilutions = answered(questions, read.ok ? read.answers : [])
  const judgement = { ...judgementOf(wp, attempt, settled, reviewed), ...(dilutions.length > 0 ? { dilutions } : {}) }
  report(wp, judgement, run)
  return { kind: 'attempt-ended', begun, attempt, judgement }
}

/** Whatever the reviewer said: what counts as an approval needs its answers. */
function withAnswers(settled: Settlement, questions: readonly Question[], answers: readonly Answer[]): Settlement {
  const open = settled.ok && settled.verdict.verdict === 'approved' ? unanswered(questions, answers) : null
  return open === null ? settled : { ok: false, reason: oneLine(`no verdict: ${open}`, 1_000), asked: [] }
}

function judgementOf(
  { wpId }: WorkPackage,
  attempt: Attempt,
  { verdict, given, followUps, notBelieved }: Extract<Settlement, { ok: true }>,
  { head, shown }: Reviewed,
): Judgement {
  const { agent, cycle, number } = attempt
  return {
    verdict: quotedVerdict(verdict),
    reviewer: agent,
    reference: `review/${wpId}/c${cycle}-a${number}`,
    commit: head,
    shown,
    ...modelUseOf(attempt),
    ...(given === verdict.verdict ? {} : { given }),
    ...(followUps.length > 0 ? { followUps: quotedFindings(followUps) } : {}),
    ...(notBelieved.length > 0 ? { notBelieved: quotedFindings(notBelieved) } : {}),
  }
}

function report({ wpId }: WorkPackage, judgement: Judgement, run: RunContext): void {
  const { verdict, given = verdict.verdict, followUps = [], notBelieved = [] } = judgement
  run.ports.report({
    type: 'verdict',
    wpId,
    agent: judgement.reviewer,
    verdict: verdict.verdict,
    given,
    summary: verdict.summary,
    findings: verdict.findings,
    followUps,
    notBelieved: notBelieved.length,
    commit: judgement.commit,
    ...(judgement.dilutions ? { dilutions: judgement.dilutions } : {}),
    ...modelUseOf(judgement),
  })
}

/** What git and the record say about the places that a verdict names. It asks git only if it names some. */
async function* factsOf(
  wp: WorkPackage,
  attempt: Attempt,
  { findings, earlier = [] }: Verdict,
  { head, shown }: Reviewed,
  run: RunContext,
): GitWork<SettleFacts> {
  const { wpId, record } = wp
  const worktree = wp.worktree?.path ?? ''
  const places = [...findings, ...earlier]
  const bases = [...new Set(shown.map(({ base }) => base))]
  const files = yield* knownFiles(wp, places, head, bases, run)
  const facts = { wpId, worktree, files, earlier: record.earlierFindings, asked: askedOf(record, attempt) }
  const last = findings.some(({ severity }) => severity === 'medium') ? yield* lastReviewedIn(wp, head, run) : null
  if (last === null) return { ...facts, changed: null }
  const named = findings.flatMap(finding => {
    const place = findPlace(finding, facts)
    return place.ok ? [place.file] : []
  })
  const changed = yield* need(run.ports.workspace.changedLines(worktree, last, head, [...new Set(named)]))
  return { ...facts, changed }
}

async function* knownFiles(
  { worktree }: WorkPackage,
  places: readonly Place[],
  head: string,
  bases: readonly string[],
  { ports: { workspace } }: RunContext,
): GitWork<KnownFiles> {
  const root = worktree?.path ?? ''
  const paths = [...new Set(places.flatMap(({ file }) => (file === null ? [] : pathsMeantBy(file, root))))]
  if (paths.length === 0) return new Map()
  const [now, before] = yield* both(
    need(workspace.lineCounts(root, head, paths)),
    inParallel(bases.map(base => need(workspace.lineCounts(root, base, paths)))),
  )
  return new Map(
    paths.flatMap((path): readonly (readonly [string, FileLines])[] => {
      const there = now.get(path)
      const earlier = before.flatMap(counts => counts.get(path) ?? [])
      const file = there ?? earlier[0]
      if (!file) return []
      const most = earlier.length > 0 ? Math.max(...earlier.map(({ lines }) => lines)) : null
      return [[path, { path: file.path, now: there?.lines ?? null, before: most }]]
    }),
  )
}

/** What this reviewer was already asked once more about this commit. */
function askedOf({ attempts, retriedAfterAttempt }: WpRecord, current: Attempt): readonly Asked[] {
  return attempts
    .filter(({ role, cycle }) => role === 'review' && cycle === current.cycle)
    .filter(({ agent, baseCommit }) => agent === current.agent && baseCommit === current.baseCommit)
    .filter(({ number }) => number > retriedAfterAttempt && number < current.number)
    .flatMap(({ asked = [] }) => asked)
}
