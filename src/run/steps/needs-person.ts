import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import { curesOf, handover } from '../../core/work-package/handover.ts'
import type { WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import type { NeedsPerson } from '../events/event.ts'
import type { RunContext } from '../run-context.ts'

/** What a person who takes over the WP needs to know. `more`: commands that are known of this WP beside those of its record. */
export function needsPerson(
  wp: WorkPackage,
  reason: string,
  run: RunContext,
  more: readonly NextCommand[] = [],
): NeedsPerson {
  const last = wp.record.attempts.at(-1)
  const log = last ? run.ports.store.attemptFiles(wp.wpId, last) : null
  const next = more.length > 0 ? more : [nextFor(wp)]
  return { type: 'needs-person', wpId: wp.wpId, reason, ...handover(wp.record), log, next }
}

function nextFor({ wpId, lane, record }: WorkPackage): NextCommand {
  if (lane === 'blocked') {
    const cures = curesOf(record)
    const first = cures.length === 0 ? '' : ', once the check can pass'
    const command = [...cures, `sko retry ${wpId}`].join(' && ')
    return { command, why: `puts ${wpId} back to work with its counters reset${first}` }
  }
  const [cure] = haltCure(record)
  return cure ? andResume(cure.command, cure.why) : { command: resume, why: `tries ${wpId} again` }
}

/** The command that puts right what the WP was left for, where one is known. */
export function haltCure({ wpId, halt }: WpRecord): readonly NextCommand[] {
  return halt?.cure === undefined ? [] : [{ command: halt.cure, why: `puts the lane worktree of ${wpId} right` }]
}

/** What a person runs before a retry, where the work failed for something that only a person may remove. */
export function workCures(record: WpRecord): readonly NextCommand[] {
  return curesOf(record).map(command => ({ command, why: `lets the check of ${record.wpId} pass; look first` }))
}
