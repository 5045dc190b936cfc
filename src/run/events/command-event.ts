import type { WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import { oneLine } from '../../core/text.ts'

/** What a person's command did. The live run reports it; without one, the command does. */
export type CommandEvent = Retried | Skipped | RequestRefused | OwnerStopped | WorkNotCommitted | Aborted

/** By `sko retry`: the counters of the WP are reset. */
interface Retried {
  readonly type: 'retried'
  readonly wpId: WpId
  /** The value of `--reason`. */
  readonly reason: string | null
}

/** By `sko skip`: the host has canceled the WP. */
interface Skipped {
  readonly type: 'skipped'
  readonly wpId: WpId
  readonly reason: string | null
  /** The lane branch that has its work so far. */
  readonly branch: string | null
}

/** `sko retry`, `sko skip` or `sko confirm` was not carried out. */
export interface RequestRefused {
  readonly type: 'request-refused'
  readonly request: 'retry' | 'skip' | 'confirm'
  readonly wpId: WpId
  readonly reason: string
}

/** `sko abort` has stopped the process that drove the run. */
interface OwnerStopped {
  readonly type: 'owner-stopped'
  readonly pid: number
  /** True when it did not stop in time. */
  readonly killed: boolean
}

/** The work of the last attempt stays in its lane worktree, uncommitted. */
export interface WorkNotCommitted {
  readonly type: 'work-not-committed'
  readonly wpId: WpId
  /** null when the host did not say where it is. */
  readonly worktree: string | null
  readonly reason: string
}

/** By `sko abort`: this run cannot be resumed. */
interface Aborted {
  readonly type: 'aborted'
  readonly mission: string
  /** What starts a new run from the lanes. */
  readonly next: readonly NextCommand[]
}

export function describeCommand(event: CommandEvent): string {
  switch (event.type) {
    case 'retried':
      return `${event.wpId} is retried on request${because(event.reason)}`
    case 'skipped': {
      const branch = event.branch === null ? '' : `; its work so far stays on ${event.branch}`
      return `${event.wpId} is skipped on request${because(event.reason)}${branch}`
    }
    case 'request-refused':
      return `${event.wpId} sko ${event.request} was refused: ${oneLine(event.reason)}`
    case 'owner-stopped':
      return event.killed
        ? `sko abort killed process ${event.pid} of the run, which did not stop in time`
        : `sko abort stopped process ${event.pid} of the run`
    case 'work-not-committed': {
      const where = event.worktree === null ? 'in its lane worktree' : `in ${event.worktree}`
      return `${event.wpId} the work that its last attempt left ${where} is not committed: ${oneLine(event.reason)}`
    }
    case 'aborted':
      return `the run of mission ${event.mission} is aborted; the lanes are unchanged`
  }
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${oneLine(reason, 200)}`
}
