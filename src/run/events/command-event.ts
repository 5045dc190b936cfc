import type { WpId } from '../../core/ids.ts'
import { oneLine } from '../../core/text.ts'

/** What a command of a person did: reported by the live run, or by the command itself where no run is live. */
export type CommandEvent = Retried | Skipped | RequestRefused | OwnerStopped | WorkNotCommitted | Aborted

/** By `sko retry`: its counters start again. */
interface Retried {
  readonly type: 'retried'
  readonly wpId: WpId
  /** What the person gave as `--reason`. */
  readonly reason: string | null
}

/** By `sko skip`: it is canceled at the host. */
interface Skipped {
  readonly type: 'skipped'
  readonly wpId: WpId
  readonly reason: string | null
  /** The lane branch that keeps what it has so far. */
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
  /** It did not stop in time. */
  readonly killed: boolean
}

/** What the last attempt left in its lane worktree stays there, uncommitted. */
export interface WorkNotCommitted {
  readonly type: 'work-not-committed'
  readonly wpId: WpId
  /** null: the host did not say where it is. */
  readonly worktree: string | null
  readonly reason: string
}

/** By `sko abort`: this run cannot be resumed. */
interface Aborted {
  readonly type: 'aborted'
  readonly mission: string
  /** The command that begins a new run from the lanes. */
  readonly next: string
}

export function describeCommand(event: CommandEvent): string {
  switch (event.type) {
    case 'retried':
      return `${event.wpId} is retried, as a person asked${because(event.reason)}`
    case 'skipped': {
      const branch = event.branch === null ? '' : `; its work so far stays on ${event.branch}`
      return `${event.wpId} is skipped, as a person asked${because(event.reason)}${branch}`
    }
    case 'request-refused':
      return `${event.wpId} sko ${event.request} was refused: ${oneLine(event.reason)}`
    case 'owner-stopped':
      return event.killed
        ? `sko abort killed process ${event.pid} of the run, which did not stop in time`
        : `sko abort stopped process ${event.pid} of the run`
    case 'work-not-committed': {
      const where = event.worktree === null ? 'in its lane worktree' : `in ${event.worktree}`
      return `${event.wpId} what its last attempt left ${where} is not committed: ${oneLine(event.reason)}`
    }
    case 'aborted':
      return `the run of mission ${event.mission} is aborted; the lanes stay as the host has them -> ${event.next}`
  }
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${oneLine(reason, 200)}`
}
