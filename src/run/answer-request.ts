import type { WpId } from '../core/ids.ts'
import { laneName } from '../core/mission/lane.ts'
import { closedReason, inRun, workPackageIn } from '../core/mission/mission-run.ts'
import { withFreshCounters } from '../core/work-package/fresh-start.ts'
import type { WorkPackage } from '../core/work-package/work-package.ts'
import { confirm } from './finish/confirm.ts'
import type { Loop } from './loop.ts'
import { lookAgain } from './mission/look-again.ts'
import { cancel, type Decided, refused, unblock, whyNotSkipped } from './requests/person.ts'
import { reportDecision } from './requests/report-decision.ts'
import type { Answer, DecisionRequest, PersonRequest } from './requests/requests.ts'
import { roleIn } from './work-package.ts'

export async function answerRequest(request: PersonRequest, loop: Loop): Promise<Answer> {
  if (request.kind === 'pause') {
    const message = setPaused(loop, true) ? 'paused' : 'the run is already paused'
    return { done: true, message, hint: 'running attempts finish, no new ones start; continue with: sko continue' }
  }
  if (request.kind === 'continue') {
    return { done: true, message: setPaused(loop, false) ? 'the run continues' : 'the run was not paused', hint: null }
  }
  const wasActive = isActive(loop, request.wpId)
  const seen = await lookAt(loop, request.wpId)
  // The look may be older than the last step of its driver.
  const wp = wasActive && !isActive(loop, request.wpId) ? await lookAt(loop, request.wpId) : seen
  if (!wp) return refused(`the mission has no ${request.wpId}`, 'sko status lists its work packages').answer
  const decided = await decide(wp, request, loop)
  if (decided.wp) {
    // It may start only after this: a skipped WP would start again while its new lane is not known.
    loop.apply({ type: 'decided', wp: decided.wp })
  }
  reportDecision(loop.run.ports.report, request, wp, decided)
  return decided.answer
}

/** Returns false when the run was already in that state. */
function setPaused({ run, known, apply }: Loop, paused: boolean): boolean {
  if (known().paused === paused) return false
  apply({ type: paused ? 'paused' : 'continued' })
  const next = [{ command: 'sko continue', why: 'starts new attempts again' }]
  run.ports.report(paused ? { type: 'paused', next } : { type: 'continued' })
  return true
}

function isActive({ known }: Loop, wpId: WpId): boolean {
  return inRun(known(), wpId).state.kind === 'active'
}

/** The WP as the host has it now; null when the mission has no such WP. */
async function lookAt({ run, known }: Loop, wpId: WpId): Promise<WorkPackage | null> {
  const { nodes } = await lookAgain(run)
  return workPackageIn({ ...known(), nodes }, wpId)
}

async function decide(wp: WorkPackage, request: DecisionRequest, loop: Loop): Promise<Decided> {
  switch (request.kind) {
    case 'retry':
      return retry(wp, request.reason, loop)
    case 'skip':
      return skip(wp, request.reason, loop)
    case 'confirm':
      return confirm(wp, request, loop.run)
  }
}

async function retry(wp: WorkPackage, reason: string | null, loop: Loop): Promise<Decided> {
  const { run } = loop
  const { wpId } = wp
  const lane = laneName(wp.lane)
  if (isActive(loop, wpId)) return refused(`${wpId} is being worked on (${lane})`, `sko logs ${wpId} -f shows it`)
  if (wp.lane === 'blocked') return unblock(wp, reason, run)
  const against = whyNotSkipped(wp)
  if (against !== null) return refused(against, null)
  const known = inRun(loop.known(), wpId)
  if (closedReason(known) === null && known.trouble === null) {
    return refused(`${wpId} is ${lane}, and nothing holds it back`, 'sko status shows what it waits for')
  }
  const held = run.budget.whyHeld(wpId, roleIn(wp.lane))
  if (held !== null) return refused(`${wpId} is ${lane} and held: ${held}`, null)
  const record = withFreshCounters(wp.record, run.ports.clock.now())
  await run.ports.store.saveWorkPackage(record)
  return { wp: { ...wp, record }, answer: { done: true, message: `${wpId} (${lane}) is picked up again`, hint: null } }
}

/** Stops the driver of the WP before it calls the host. */
async function skip(wp: WorkPackage, reason: string | null, loop: Loop): Promise<Decided> {
  const { wpId } = wp
  const against = whyNotSkipped(wp)
  if (against !== null) return refused(against, null)
  loop.apply({ type: 'skip-began', wpId })
  let done = false
  try {
    const decided = isActive(loop, wpId) ? await stopAndCancel(wp, reason, loop) : await cancel(wp, reason, loop.run)
    done = decided.wp !== null
    return decided
  } finally {
    if (!done) loop.apply({ type: 'skip-failed', wpId })
  }
}

async function stopAndCancel(wp: WorkPackage, reason: string | null, loop: Loop): Promise<Decided> {
  const { run, drivers } = loop
  drivers.stopAgent(wp.wpId)
  await drivers.ended(wp.wpId)
  if (run.stopping.aborted) return refused('the run is stopping', `once it has ended: sko skip ${wp.wpId}`)
  const now = (await lookAt(loop, wp.wpId)) ?? wp
  const against = whyNotSkipped(now)
  return against === null ? cancel(now, reason, run) : refused(against, null)
}
