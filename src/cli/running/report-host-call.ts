import { isWpId } from '../../core/ids.ts'
import type { HostCallRecord } from '../../host/client.ts'
import type { Ports } from '../../run/ports.ts'

/** Not a call that was stopped before its process began. */
export function reportHostCall({ command, wpId, mutates, ok, process }: HostCallRecord, report: Ports['report']): void {
  if (process === null) return
  report({
    type: 'host-call',
    command,
    wpId: wpId !== null && isWpId(wpId) ? wpId : null,
    mutates,
    ok,
    startedAt: new Date(process.startedAt).toISOString(),
    milliseconds: Math.round(process.milliseconds),
    warm: process.warm,
  })
}
