import type { WpId } from '../../core/ids.ts'

/** The lane worktree of each driver, by real path, because the host may compute its lanes again during the run. */
export interface WorktreesInUse {
  /** Takes the worktree for the WP. Returns the WP that already has it, or null on success. */
  take(wpId: WpId, path: string): WpId | null
  /** The other WP that works there now, or null. */
  holderOf(path: string, except: WpId): WpId | null
  /** Whether another WP works anywhere. */
  hasOthers(except: WpId): boolean
  release(wpId: WpId): void
}

/** `placeOf`: the real path of a worktree, also of one that does not exist yet. */
export function createWorktreesInUse(placeOf: (path: string) => string): WorktreesInUse {
  const inUse = new Map<WpId, string>()

  const holder = (place: string, except: WpId): WpId | null => {
    for (const [wpId, taken] of inUse) if (wpId !== except && taken === place) return wpId
    return null
  }

  return {
    take: (wpId, path) => {
      const place = placeOf(path)
      const other = holder(place, wpId)
      if (other === null) inUse.set(wpId, place)
      return other
    },
    holderOf: (path, except) => holder(placeOf(path), except),
    hasOthers: except => [...inUse.keys()].some(wpId => wpId !== except),
    release: wpId => void inUse.delete(wpId),
  }
}
