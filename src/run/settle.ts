import type { WpId } from '../core/ids.ts'
import { satisfiesDependents } from '../core/mission/lane.ts'
import { inRun, workPackageIn } from '../core/mission/mission-run.ts'
import { hasLasted, type Trouble } from '../core/mission/trouble.ts'
import type { DriverEnd } from '../core/work-package/step.ts'
import type { WorkPackage } from '../core/work-package/work-package.ts'
import { whatBringsFileBack } from './finish/removed-files.ts'
import type { Loop } from './loop.ts'
import { needsPerson } from './steps/needs-person.ts'
import type { DrivenWorkPackage } from './work-package.ts'

/** The driver of a WP has ended: updates the loop and reports it. */
export async function settle(loop: Loop, { wp, end }: DrivenWorkPackage): Promise<void> {
  const { run } = loop
  const { wpId } = wp
  const before = inRun(loop.known(), wpId).trouble
  loop.apply({ type: 'ended', wpId, end, now: run.ports.clock.now() })
  if (isCompletedByUs(wp, end)) {
    loop.looks.completed()
    await loop.rehearsal.approved(wpId)
  } else loop.looks.want()
  if (end?.kind === 'unanswered') {
    await reportTrouble(loop, wpId, before)
    return
  }
  // Its agent is useful only while the WP may continue in this run.
  if (end) run.adopted.get(wpId)?.abandon()
  if (end?.kind === 'wait') {
    const until = new Date(end.until).toISOString()
    run.ports.report({ type: 'wp-waiting', wpId, until, reason: end.reason })
  }
  if (end?.kind === 'finish' && end.end === 'needs-person') await reportPerson(loop, wp, end.reason)
}

/** The lane may also be complete because someone else has moved it. */
function isCompletedByUs({ lane, record }: WorkPackage, end: DriverEnd): boolean {
  const isComplete = end?.kind === 'finish' && end.end === 'complete'
  return isComplete && satisfiesDependents(lane) && record.judgement?.verdict.verdict === 'approved'
}

/** Reports the trouble of a WP when it is new, and again when it has lasted. */
export async function reportTrouble(loop: Loop, wpId: WpId, before: Trouble | null): Promise<void> {
  const { run } = loop
  const { trouble } = inRun(loop.known(), wpId)
  if (!trouble) return
  const { what, reason, askAgainAt } = trouble
  const patienceSeconds = run.config.host.patience_seconds
  const isLasting = (met: Trouble) => hasLasted(met, patienceSeconds)
  if (before?.what !== what || before.reason !== reason) {
    const until = new Date(askAgainAt).toISOString()
    run.ports.report({ type: 'wp-waiting', wpId, until, reason, patienceSeconds })
  }
  if (!isLasting(trouble) || (before?.what === what && isLasting(before))) return
  run.adopted.get(wpId)?.abandon()
  await reportNeedsPerson(loop, wpId, reason)
}

export async function reportNeedsPerson(loop: Loop, wpId: WpId, reason: string): Promise<void> {
  const wp = workPackageIn(loop.known(), wpId)
  if (wp) await reportPerson(loop, wp, reason)
}

/** A WP that was not halted may have lost its file: only the host and git can tell. */
async function reportPerson({ run }: Loop, wp: WorkPackage, reason: string): Promise<void> {
  const files = wp.record.halt === null ? await whatBringsFileBack(run, wp.wpId) : []
  run.ports.report(needsPerson(wp, reason, run, files))
}
