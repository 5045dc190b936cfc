import { existsSync } from 'node:fs'
import type { Failure } from '../core/agent/failure.ts'
import { isWpId, type WpId } from '../core/ids.ts'
import type { Verdict } from '../core/judgement/review.ts'
import { applyOutcome } from '../core/work-package/apply-outcome.ts'
import type { ActiveStep, Outcome } from '../core/work-package/step.ts'
import { type Attempt, newRecord, type Usage, type WorkPackage } from '../core/work-package/work-package.ts'
import { git } from '../git/git.ts'
import type { EventBody } from '../run/events/event.ts'
import type { GitWork } from '../run/git/git-work.ts'
import type { RunContext } from '../run/run-context.ts'
import { commit, implement } from '../run/steps/implement.ts'
import { haltOnOwnTrouble, type OwnTrouble, untilTrouble } from '../run/steps/own-trouble.ts'
import { review } from '../run/steps/review.ts'
import { type Check, implementationChecks, reviewChecks } from './checks.ts'
import { type TrialOptions, trialRun } from './trial-run.ts'

export interface TrialResult {
  /** In order. Checks that were not reached are missing. */
  readonly checks: readonly Check[]
  readonly attempts: readonly TriedAttempt[]
  readonly verdict: Verdict | null
  /** Stopped before the end. */
  readonly interrupted: boolean
}

export interface TriedAttempt {
  readonly role: Attempt['role']
  readonly elapsedMs: number
  readonly usage: Usage | null
  readonly failure: Failure | null
  /** Prefix of its files. */
  readonly log: string
}

/**
 * Takes one small work package through the real steps of a run, without a host: implementation, commit of what is left,
 * review, judgement.
 */
export async function tryAgent(options: TrialOptions, onCheck: (check: Check) => void): Promise<TrialResult> {
  const events: EventBody[] = []
  const run = trialRun(options, event => events.push(event))
  const checks: Check[] = []
  const tell = (made: readonly Check[]) => {
    checks.push(...made)
    for (const check of made) onCheck(check)
  }
  const result = (wp?: WorkPackage): TrialResult => ({
    checks,
    attempts: events.flatMap(triedIn),
    verdict: wp?.record.judgement?.verdict ?? null,
    interrupted: options.stopping.aborted,
  })
  const { agent, scratch } = options
  const fresh: WorkPackage = {
    wpId: onlyWp(),
    lane: 'in_progress',
    worktree: scratch.worktree,
    record: newRecord(onlyWp()),
  }

  const implemented = await take(fresh, { kind: 'implement', agent: agent.id }, run, implement)
  if (options.stopping.aborted) return result()
  const [attempt] = implemented.record.attempts
  const worked = attempt ? await take(implemented, { kind: 'commit', attempt }, run, commit) : implemented
  tell(implementationChecks(worked, events, await changedFiles(worked)))
  if (!worked.record.work || options.stopping.aborted || !agent.roles.includes('review')) return result()

  const begun = events.length
  const reviewed = await take(worked, { kind: 'review', agent: agent.id }, run, review)
  if (!options.stopping.aborted) {
    const isReadOnly = run.agents.reviewerIsReadOnly(agent.id)
    tell(reviewChecks(reviewed, events.slice(begun), isReadOnly, existsSync(scratch.worktree.path)))
  }
  return result(reviewed)
}

async function take<S extends ActiveStep>(
  wp: WorkPackage,
  step: S,
  run: RunContext,
  perform: (wp: WorkPackage, step: S, run: RunContext) => GitWork<Outcome>,
): Promise<WorkPackage> {
  const halt = (trouble: OwnTrouble) => haltOnOwnTrouble(trouble, wp.record.laneBranch)
  return applyOutcome(wp, step, await untilTrouble(perform(wp, step, run), halt))
}

function triedIn(event: EventBody): readonly TriedAttempt[] {
  if (event.type !== 'attempt-ended') return []
  const { role, elapsedMs, usage, failure, log } = event
  return [{ role, elapsedMs, usage, failure, log }]
}

async function changedFiles({ worktree, record }: WorkPackage): Promise<readonly string[]> {
  const [attempt] = record.attempts
  if (!worktree || !attempt) return []
  const names = await git(worktree.path, ['diff', '--name-only', '-z', attempt.baseCommit, 'HEAD'])
  return names.ok ? names.stdout.split('\0').filter(Boolean) : []
}

function onlyWp(): WpId {
  const name = 'WP01'
  if (!isWpId(name)) throw new Error(`${name} is not a work package id`)
  return name
}
