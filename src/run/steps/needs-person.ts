import { curesOf, handover } from '../../core/work-package/handover.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { RunContext } from '../run-context.ts'

/** Reports what a person who takes over the WP needs to know. */
export function needsPerson(wp: WorkPackage, reason: string, run: RunContext) {
  const last = wp.record.attempts.at(-1)
  const cure = wp.record.halt?.cure
  const goOn = cure === undefined ? 'sko resume' : `${cure} && sko resume`
  const retry = [...curesOf(wp.record), `sko retry ${wp.wpId}`].join(' && ')
  const next = wp.lane === 'blocked' ? retry : goOn
  const log = last ? run.ports.store.attemptFiles(wp.wpId, last) : null
  return { type: 'needs-person', wpId: wp.wpId, reason, ...handover(wp.record), log, next } as const
}
