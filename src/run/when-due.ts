import type { WpId } from '../core/ids.ts'
import { hasOtherWork, lastingTroubles, nextStart } from '../core/mission/mission-schedule.ts'
import type { Loop } from './loop.ts'

/** Whether there is work other than retries of what has failed for long. */
export function hasWorkLeft(loop: Loop, startable: readonly WpId[]): boolean {
  const lasting = lastingOf(loop)
  if (startable.some(wpId => !lasting.has(wpId))) return true
  return hasOtherWork(loop.known(), patienceOf(loop)) || dueAtWithoutRetries(loop) < Number.POSITIVE_INFINITY
}

/** When the next work is due, milliseconds since the epoch. */
export function dueAt(loop: Loop): number {
  return earliest(loop, nextStart(loop.known(), loop.run.ports.clock.now()), loop.watch.trouble()?.askAgainAt)
}

/** The same without what has failed for long, which is retried only while there is other work. */
export function dueAtWithoutRetries(loop: Loop): number {
  const { run, watch, known } = loop
  const lasting = new Set(lastingOf(loop).keys())
  const look = watch.lasting() ? undefined : watch.trouble()?.askAgainAt
  return earliest(loop, nextStart(known(), run.ports.clock.now(), lasting), look)
}

function earliest({ watch, vouchings }: Loop, start: number, look: number | undefined): number {
  // Only a valid look can confirm that a WP has left its lane.
  const leaving = watch.trouble() ? null : vouchings.awaited()
  const awaited = [look, watch.awaited(), leaving].map(at => at ?? Number.POSITIVE_INFINITY)
  return Math.min(start, ...awaited)
}

/** The WPs whose trouble has lasted, with the reason. */
export function lastingOf(loop: Loop): ReadonlyMap<WpId, string> {
  return lastingTroubles(loop.known(), patienceOf(loop))
}

function patienceOf({ run }: Loop): number {
  return run.config.host.patience_seconds
}
