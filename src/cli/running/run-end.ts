import { listed } from '../../core/format.ts'
import { continueRun } from '../../core/next-command.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { RunEnded } from '../../run/events/end-event.ts'
import type { WpResult } from '../../run/mission/wp-result.ts'
import type { RunEnd } from '../../state/schema.ts'
import type { RunStore } from '../../state/store.ts'

/**
 * The event of a run that ends by an error. `sko resume` comes last, unless the error names what continues: after
 * `lock-lost`, when the saved state is gone, that is a new run.
 */
export function endBy(error: unknown): RunEnded {
  if (error instanceof OrchestratorError) {
    const { code, exitCode, message, hint, next } = error
    const isWhole = next.some(({ command }) => /\bsko (?:resume|orchestrate)\b/.test(command))
    return { type: 'run-ended', exitCode, code, reason: message, hint, next: isWhole ? next : [...next, continueRun] }
  }
  return {
    type: 'run-ended',
    exitCode: exitCodes.needsPerson,
    code: 'bug',
    reason: `a bug in sko: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'please report it with orchestrator.log, next to events.ndjson',
    next: [continueRun],
  }
}

/** Why a run ended, in one line. */
export function reasonOf(complete: boolean, stoppedBy: NodeJS.Signals | null, wpResults: readonly WpResult[]): string {
  if (complete) return 'everything requested is done'
  if (stoppedBy !== null) return `stopped by ${stoppedBy}`
  const open = wpResults.filter(({ reason }) => reason !== null)
  const named = (list: readonly WpResult[]) => listed(list.map(({ node }) => node.wpId))
  const held = open.filter(({ heldBy }) => heldBy !== null)
  const people = open.filter(({ heldBy }) => heldBy === null)
  const parts = [
    ...(people.length > 0 ? [`needs attention: ${named(people)}`] : []),
    ...(held.length > 0 ? [`held by a budget or a limit: ${named(held)}`] : []),
  ]
  return parts.join('; ') || 'the work packages are done, but a later step (merge, push or accept) is not'
}

/** Ignores a failed write: a full disk may have ended the run, and the event and the terminal say so too. */
export async function keepEnd(store: RunStore, { exitCode, reason, next }: Omit<RunEnd, 'at'>): Promise<void> {
  const end = { at: new Date().toISOString(), reason, exitCode, next }
  await store.replaceState({ ...store.state(), end }).catch(() => undefined)
}
