import type { WpId } from '../../core/ids.ts'
import { owner } from '../../core/repository/stash-crossing.ts'
import { oneLine } from '../../core/text.ts'
import { someOf } from '../../core/work-package/lost.ts'

/** About what agents did to files and to what all worktrees share, and where a copy is. */
export type KeptEvent =
  | WorkKept
  | StashCrossed
  | SettingFlipped
  | KeptPruned
  | KeptRestored
  | KeptRemoved
  /** Of what an attempt wrote, not everything could be copied while it ran. */
  | { readonly type: 'not-kept'; readonly wpId: WpId; readonly attempt: number; readonly reason: string }

/** What an attempt wrote and then removed, put back or dropped is kept under `refs/sko/kept`. */
export interface WorkKept {
  readonly type: 'work-kept'
  readonly wpId: WpId
  readonly attempt: number
  readonly kept: readonly { readonly ref: string; readonly number: number; readonly why: string }[]
}

/** An attempt applied a stash entry of another worktree: its files may be in this WP's work now. */
export interface StashCrossed {
  readonly type: 'stash-crossed'
  readonly wpId: WpId
  readonly attempt: number
  /** The WP in whose worktree it was made; `main`: in none of them. */
  readonly from: string
  readonly commit: string
  readonly files: readonly string[]
}

/** A setting of the repository that all worktrees share was changed during an attempt; which agent did it is not known. */
export interface SettingFlipped {
  readonly type: 'setting-flipped'
  /** At the end of an attempt of this WP it was seen. */
  readonly wpId: WpId
  readonly key: string
  readonly was: string | null
  readonly is: string | null
  readonly cure: string
}

/** Copies that are not needed any more are removed: snapshots of what is in commits now, and what is older than `days`. */
export interface KeptPruned {
  readonly type: 'kept-pruned'
  readonly snapshots: number
  readonly old: number
  readonly days: number
}

/** By `sko kept --restore`: what a copy has was written into a lane worktree again. */
interface KeptRestored {
  readonly type: 'kept-restored'
  readonly wpId: string
  readonly ref: string
  readonly worktree: string
  /** Paths in the worktree. */
  readonly written: readonly string[]
  /** Each with the reason why it was not written. */
  readonly left: readonly string[]
  /** Ref of what was there before; null: nothing was overwritten. */
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
      return `${event.wpId} attempt ${event.attempt} applied a git stash entry of ${owner(event.from)} (${oneLine(someOf(event.files), 200)}); the entry is kept -> git stash apply ${event.commit}`
    case 'setting-flipped':
      return `${event.key} of this repository was changed during the run, from ${event.was ?? 'not set'} to ${oneLine(event.is ?? 'not set', 100)}; git and the host may fail in the main checkout -> ${event.cure}`
    case 'kept-pruned':
      return `removed ${event.snapshots} snapshot(s) of work that is in commits now, and ${event.old} older than ${event.days} days (kept.days)`
    case 'kept-restored': {
      const left = event.left.length === 0 ? '' : `, ${event.left.length} left as they are`
      const before = event.before === null ? '' : `; what they were before is kept as ${event.before}`
      return `${event.wpId} ${event.written.length} file(s) of ${event.ref} restored in ${event.worktree}${left}${before}`
    }
    case 'kept-removed':
      return `${event.kept.length} cop(ies) of work removed by sko kept --prune`
    case 'not-kept':
      return `${event.wpId} attempt ${event.attempt}: what it wrote could not be copied while it ran: ${oneLine(event.reason)}`
  }
}

function workKept({ wpId, kept }: WorkKept): string {
  const [first] = kept
  const more = kept.length > 1 ? `, and ${kept.length - 1} more` : ''
  return `${wpId} kept ${oneLine(first?.why ?? '', 200)}${more} -> sko kept ${wpId} --show ${first?.number}`
}
