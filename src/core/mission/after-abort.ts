import { type NextCommand, newRun, resume } from '../next-command.ts'

/** The command that continues after an abort: a new run starts from the lanes. */
export function commandAfterAbort(mission: string): string {
  return newRun(mission).command
}

/**
 * A hint for an aborted run. All hints are written for a run that can be resumed; `sko orchestrate` has every flag that
 * they give to `sko resume`.
 */
export function afterAbort(hint: string, mission: string): string {
  return hint.replaceAll(resume, commandAfterAbort(mission))
}

export function nextAfterAbort(next: readonly NextCommand[], mission: string): readonly NextCommand[] {
  return next.map(({ command, why }) => ({ command: afterAbort(command, mission), why: afterAbort(why, mission) }))
}
