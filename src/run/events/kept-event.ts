import { someOf } from '../../core/format.ts'
import type { WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import { owner } from '../../core/repository/stash-crossing.ts'
import { oneLine } from '../../core/text.ts'

/** What agents did to files and to settings that all worktrees share, and where the copies are. */
export type KeptEvent =
  | WorkKept
  | StashCrossed
  | SettingFlipped
  | KeptPruned
  | KeptRestored
  | KeptRemoved
  /** Some changes of an attempt could not be copied while it ran. */
  | { readonly type: 'not-kept'; readonly wpId: WpId; readonly attempt: number; readonly reason: string }

/** Files that an attempt wrote and then removed, reverted or dropped are kept under `refs/sko/kept`. */
export interface WorkKept {
  readonly type: 'work-kept'
  readonly wpId: WpId
  readonly attempt: number
  readonly kept: readonly { readonly ref: string; readonly number: number; readonly why: string }[]
  readonly next: readonly NextCommand[]
}

/** An attempt applied a stash entry of another worktree, so those files may be in this WP's work now. */
export interface StashCrossed {
  readonly type: 'stash-crossed'
  readonly wpId: WpId
  readonly attempt: number
  /** The WP in whose worktree the entry was made; `main` when it was none of them. */
  readonly from: string
  readonly commit: string
  readonly files: readonly string[]
  readonly next: readonly NextCommand[]
}

/** A git setting shared by all worktrees changed during an attempt. It is not known which agent did it. */
export interface SettingFlipped {
  readonly type: 'setting-flipped'
  /** The WP at the end of whose attempt it was seen. */
  readonly wpId: WpId
  readonly key: string
  readonly was: string | null
  readonly is: string | null
  readonly next: readonly NextCommand[]
}

/** Removed copies that are no longer needed: snapshots of work that is in commits now, and copies older than `days`. */
export interface KeptPruned {
  readonly type: 'kept-pruned'
  readonly snapshots: number
  readonly old: number
  readonly days: number
}

/** By `sko kept --restore`: the files of a copy were written into a lane worktree. */
interface KeptRestored {
  readonly type: 'kept-restored'
  readonly wpId: string
  readonly ref: string
  readonly worktree: string
  /** Paths in the worktree. */
  readonly written: readonly string[]
  /** Paths that were not written, each with the reason. */
  readonly left: readonly string[]
  /** Ref with the previous content; null when nothing was overwritten. */
  readonly before: string | null
}

/** By `sko kept --prune`. The commits stay until git collects garbage. */
interface KeptRemoved {
  readonly type: 'kept-removed'
  readonly kept: readonly { readonly ref: string; readonly commit: string }[]
}

export function describeKept(event: KeptEvent): string {
  switch (event.type) {
    case 'work-kept':
      return workKept(event)
    case 'stash-crossed':
      return `${event.wpId} attempt ${event.attempt} applied a git stash entry of ${owner(event.from)} (${oneLine(someOf(event.files), 200)}); the entry is kept`
    case 'setting-flipped':
      return `${event.key} of this repository was changed during the run, from ${event.was ?? 'not set'} to ${oneLine(event.is ?? 'not set', 100)}; git and the host may fail in the main checkout`
    case 'kept-pruned':
      return `removed ${event.snapshots} snapshot(s) of work that is in commits now, and ${event.old} older than ${event.days} days (kept.days)`
    case 'kept-restored': {
      const left = event.left.length === 0 ? '' : `, ${event.left.length} left as they are`
      const before = event.before === null ? '' : `; their previous content is kept as ${event.before}`
      return `${event.wpId} ${event.written.length} file(s) of ${event.ref} restored in ${event.worktree}${left}${before}`
    }
    case 'kept-removed':
      return `sko kept --prune removed ${event.kept.length} ${event.kept.length === 1 ? 'copy' : 'copies'} of work`
    case 'not-kept':
      return `${event.wpId} attempt ${event.attempt}: its changes could not all be copied while it ran: ${oneLine(event.reason)}`
  }
}

function workKept({ wpId, kept }: WorkKept): string {
  const [first] = kept
  const more = kept.length > 1 ? `, and ${kept.length - 1} more` : ''
  return `${wpId} kept ${oneLine(first?.why ?? '', 200)}${more}`
}
