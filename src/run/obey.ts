import { withFreshCounters } from '../core/fresh-start.ts'
import type { WpId } from '../core/ids.ts'
import { laneName } from '../core/lane.ts'
import type { WorkPackage } from '../core/work-package.ts'
import { confirm } from './confirm.ts'
import { cancel, type Decided, refused, unblock, whyNotSkipped } from './person.ts'
import type { Answer, PersonRequest } from './requests.ts'
import type { RunContext } from './run-context.ts'
import { roleIn } from './work-package.ts'

/** What the loop lets a person do. */
export interface Loop {
  /** False: it is so already. */
  setPaused(paused: boolean): boolean
  /** As the host sees it now; null: the mission has no such WP. */
  look(wpId: WpId): Promise<WorkPackage | null>
  isAtWork(wpId: WpId): boolean
  isClosed(wpId: WpId): boolean
  /** Nothing of it begins any more in this run, unless it is reopened. Returns how to take that back. */
  close(wpId: WpId, reason: string): () => void
  reopen(wpId: WpId): void
  /** Ends its agent; resolves once its work is kept and nothing of it is at work. */
  letGo(wpId: WpId): Promise<void>
  moved(before: WorkPackage, after: WorkPackage): void
}

export async function obey(request: PersonRequest, loop: Loop, run: RunContext): Promise<Answer> {
  if (request.kind === 'pause') {
    const message = loop.setPaused(true) ? 'paused' : 'it is paused already'
    return { done: true, message, hint: 'what runs is finished, nothing new begins; go on with: sko continue' }
  }
  if (request.kind === 'continue') {
    return { done: true, message: loop.setPaused(false) ? 'it goes on' : 'it was not paused', hint: null }
  }
  const wasAtWork = loop.isAtWork(request.wpId)
  const seen = await loop.look(request.wpId)
  // The last that its driver did may not be in the answer.
  const wp = wasAtWork && !loop.isAtWork(request.wpId) ? await loop.look(request.wpId) : seen
  if (!wp) return refused(`the mission has no ${request.wpId}`, 'sko status shows those it has').answer
  const decided = await decide(wp, request, loop, run)
  if (decided.wp) {
    loop.moved(wp, decided.wp)
    // Only now: until its new lane is known here, one that is skipped would be begun again, one that is retried as it was.
    loop.reopen(request.wpId)
  }
  return decided.answer
}

async function decide(
  wp: WorkPackage,
  request: Exclude<PersonRequest, { kind: 'pause' | 'continue' }>,
  loop: Loop,
  run: RunContext,
): Promise<Decided> {
  switch (request.kind) {
    case 'retry':
      return retry(wp, request.reason, loop, run)
    case 'skip':
      return skip(wp, request.reason, loop, run)
    case 'confirm': {
      const decided = await confirm(wp, request, run)
      const { confirmed } = decided.wp?.record ?? {}
      const { wpId } = wp
      if (confirmed) run.ports.report({ type: 'confirmed', wpId, commit: confirmed.commit, reason: confirmed.reason })
      return decided
    }
  }
}

async function retry(wp: WorkPackage, reason: string | null, loop: Loop, run: RunContext): Promise<Decided> {
  const { wpId } = wp
  const lane = laneName(wp.lane)
  if (loop.isAtWork(wpId)) return refused(`${wpId} is at work (${lane})`, `sko logs ${wpId} -f shows it`)
  if (wp.lane === 'blocked') return unblock(wp, reason, run)
  const against = whyNotSkipped(wp)
  if (against !== null) return refused(against, null)
  if (!loop.isClosed(wpId)) {
    return refused(`${wpId} is ${lane}, and nothing keeps it from going on`, 'sko status says what it waits for')
  }
  const held = run.budget.whyHeld(wpId, roleIn(wp.lane))
  if (held !== null) return refused(`${wpId} is ${lane} and held: ${held}`, null)
  const record = withFreshCounters(wp.record, run.ports.clock.now())
  await run.ports.store.saveWorkPackage(record)
  return { wp: { ...wp, record }, answer: { done: true, message: `${wpId} (${lane}) is taken up again`, hint: null } }
}

/** One that is at work is stopped in order before the host is told. */
async function skip(wp: WorkPackage, reason: string | null, loop: Loop, run: RunContext): Promise<Decided> {
  const { wpId } = wp
  const against = whyNotSkipped(wp)
  if (against !== null) return refused(against, null)
  const takeBack = loop.close(wpId, 'a person skips it')
  let done = false
  try {
    const decided = loop.isAtWork(wpId) ? await stopAndCancel(wp, reason, loop, run) : await cancel(wp, reason, run)
    done = decided.wp !== null
    return decided
  } finally {
    if (!done) takeBack()
  }
}

async function stopAndCancel(wp: WorkPackage, reason: string | null, loop: Loop, run: RunContext): Promise<Decided> {
  await loop.letGo(wp.wpId)
  if (run.stopping.aborted) return refused('the run is stopping', `once it has ended: sko skip ${wp.wpId}`)
  const now = (await loop.look(wp.wpId)) ?? wp
  const against = whyNotSkipped(now)
  return against === null ? cancel(now, reason, run) : refused(against, null)
}
