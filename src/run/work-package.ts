import { laneName } from '../core/mission/lane.ts'
import { hasLasted, type Trouble, troubleAfter } from '../core/mission/trouble.ts'
import { applyOutcome, enterLane } from '../core/work-package/apply-outcome.ts'
import { type LifecycleContext, nextStep } from '../core/work-package/lifecycle.ts'
import type { ActiveStep, DriverEnd, Outcome, Step, WaitStep } from '../core/work-package/step.ts'
import { openAttempt, type Role, type WorkPackage } from '../core/work-package/work-package.ts'
import { adopt } from './attempts/adopt.ts'
import type { GitWork } from './git/git-work.ts'
import type { RunContext } from './run-context.ts'
import { check } from './steps/checks/check.ts'
import { claim, resolve, unanswered } from './steps/claim.ts'
import { commit, implement } from './steps/implement.ts'
import { haltOnOwnTrouble, type OwnTrouble, untilTrouble } from './steps/own-trouble.ts'
import { review } from './steps/review.ts'
import { approve, block, reject, startReview, submit } from './steps/transitions.ts'

export interface DrivenWorkPackage {
  readonly wp: WorkPackage
  readonly end: DriverEnd
}

export interface Observer {
  onChoice(step: Step, context: LifecycleContext): void
  onStep(step: ActiveStep): void
  onOutcome(outcome: Outcome): void
  onChange(wp: WorkPackage): void
}

/** A change by others may be undone, or continue, until the next look. */
const postponedMs = 30_000

/** Drives one WP until it is finished or must wait, or the run stops, ends or pauses. Saves each outcome before the next effect. */
export async function driveWorkPackage(
  entered: WorkPackage,
  run: RunContext,
  observer: Observer,
): Promise<DrivenWorkPackage> {
  let wp = enterLane(entered)
  let trouble: Trouble | undefined
  for (;;) {
    const context = contextOf(wp, run)
    const step = nextStep(wp, context)
    observer.onChoice(step, context)
    if (step.kind === 'wait') return { wp, end: run.budget.waitOrHeld(step) }
    if (step.kind === 'finish') {
      if (step.end === 'held' && step.by === 'budget') run.budget.reportHeld(wp.wpId, roleIn(wp.lane))
      return { wp, end: step }
    }
    // The work of a stopped agent is still committed: that is why a run stops in order.
    // An adopted agent is already running.
    const begins = step.kind !== 'commit' && step.kind !== 'adopt'
    // A WP with a live agent is driven even while nothing new may start: it holds a slot and a worktree.
    const mayBegin = run.mayBegin() || openAttempt(wp.record) !== undefined
    if ((run.stopping.aborted || !mayBegin) && begins) return { wp, end: null }
    observer.onStep(step)
    const { outcome, tookMs } = await tryStep(wp, step, run)
    const next = applyOutcome(wp, step, outcome)
    await run.ports.store.saveWorkPackage(next.record)
    tell(wp, step, next, outcome, run)
    wp = next
    observer.onOutcome(outcome)
    observer.onChange(wp)
    if (outcome.kind === 'worktree-in-use') {
      observer.onChange({ ...wp, worktree: outcome.worktree })
      return { wp, end: later(`${outcome.by} works in its lane worktree ${outcome.worktree.path}`, run) }
    }
    if (outcome.kind !== 'unanswered') continue
    const { reason } = outcome
    if (!openAttempt(wp.record)) return { wp, end: { kind: 'unanswered', step: step.kind, reason, tookMs } }
    // Its agent is running: keep the slot and wait here.
    trouble = troubleAfter(trouble, step.kind, reason, run.ports.clock.now(), tookMs)
    const lasts = hasLasted(trouble, run.config.host.patience_seconds)
    if (lasts) return { wp, end: { kind: 'finish', end: 'needs-person', reason } }
    await run.ports.clock.sleep(trouble.askAgainAt - trouble.metAt, run.stopping)
  }
}

/** What the next step depends on beside the WP itself. */
function contextOf({ wpId }: WorkPackage, { config, agents, budget, ports }: RunContext): LifecycleContext {
  return {
    config,
    agents: { implementation: agents.facts('implementation'), review: agents.facts('review') },
    now: ports.clock.now(),
    ceiling: { implementation: budget.whyHeld(wpId, 'implementation'), review: budget.whyHeld(wpId, 'review') },
  }
}

/** The role of the next attempt. */
export function roleIn(lane: WorkPackage['lane']): Role {
  return lane === 'for_review' || lane === 'in_review' ? 'review' : 'implementation'
}

function later(reason: string, run: RunContext): WaitStep {
  return { kind: 'wait', until: run.ports.clock.now() + postponedMs, reason }
}

/** A refusal that may pass and left the WP in its lane is not a problem of the WP. */
function afterRefusal(wp: WorkPackage, step: ActiveStep, outcome: Outcome): Outcome {
  if (outcome.kind !== 'refused' || !outcome.mayPass) return outcome
  if (laneName(outcome.lane) !== laneName(wp.lane)) return outcome
  return { kind: 'unanswered', reason: `the host did not do '${step.kind}' (${outcome.code}): ${outcome.message}` }
}

/** A cause that may pass is retried, but no attempt is paid for twice. */
function afterTrouble(trouble: OwnTrouble, wp: WorkPackage, run: RunContext): Outcome {
  const saved = run.ports.store.records().find(({ wpId }) => wpId === wp.wpId)
  const hasBegun = (saved?.attempts.length ?? 0) > wp.record.attempts.length
  const branch = wp.worktree?.branch ?? wp.record.laneBranch
  return trouble.passes && !hasBegun ? unanswered(trouble.reason) : haltOnOwnTrouble(trouble, branch)
}

async function tryStep(wp: WorkPackage, step: ActiveStep, run: RunContext) {
  const began = run.ports.clock.elapsed()
  const outcome = afterRefusal(wp, step, await perform(wp, step, run))
  return { outcome, tookMs: run.ports.clock.elapsed() - began }
}

function perform(wp: WorkPackage, step: ActiveStep, run: RunContext): Promise<Outcome> {
  return untilTrouble(performStep(wp, step, run), trouble => afterTrouble(trouble, wp, run))
}

/** Steps that write into the WP's log folder. */
const keepsFiles: readonly ActiveStep['kind'][] = ['implement', 'check', 'review']

async function* performStep(wp: WorkPackage, step: ActiveStep, run: RunContext): GitWork<Outcome> {
  if (keepsFiles.includes(step.kind)) run.ports.store.prepareFiles(wp.wpId)
  switch (step.kind) {
    case 'claim':
      return yield* claim(wp, step, run)
    case 'resolve':
      return yield* resolve(wp, run)
    case 'implement':
      return yield* implement(wp, step, run)
    case 'adopt':
      return yield* adopt(wp, step, run)
    case 'commit':
      return yield* commit(wp, step, run)
    case 'check':
      return yield* check(wp, step, run)
    case 'submit':
      return submit(wp, step, run)
    case 'start-review':
      return startReview(wp, step, run)
    case 'review':
      return yield* review(wp, step, run)
    case 'approve':
      return yield* approve(wp, step, run)
    case 'reject':
      return reject(wp, step, run)
    case 'block':
      return block(wp, step, run)
  }
}

function tell(before: WorkPackage, step: ActiveStep, after: WorkPackage, outcome: Outcome, run: RunContext): void {
  const { report, store } = run.ports
  const { wpId } = before
  const from = laneName(before.lane)
  const to = laneName(after.lane)
  if (from !== to) report({ type: 'lane-changed', wpId, from, to })
  if (from !== to && outcome.kind === 'refused' && after.record.halt?.kind === 'left-alone') {
    report({ type: 'wp-taken-away', wpId, from, to })
  }
  if (outcome.kind === 'refused' && from === to) {
    report({ type: 'host-refused', wpId, step: step.kind, message: `${outcome.code}: ${outcome.message}` })
  }
  if (outcome.kind === 'verdict-void') report({ type: 'verdict-void', wpId, reason: outcome.reason })
  if (step.kind !== 'commit' && step.kind !== 'check') return
  for (const attempt of after.record.attempts) {
    const earlier = before.record.attempts.find(({ number }) => number === attempt.number)
    if (earlier?.result?.kind !== 'succeeded' || attempt.result?.kind !== 'failed') continue
    const log = store.attemptFiles(wpId, attempt)
    report({
      type: 'attempt-void',
      wpId,
      agent: attempt.agent,
      attempt: attempt.number,
      failure: attempt.result.failure,
      log,
    })
  }
}
