import type { WpId } from '../../core/ids.ts'
import type { LaneWorktree } from '../../core/work-package/work-package.ts'

/** The lane worktree of each driver, by real path, because the host may compute its lanes again during the run. */
export interface WorktreesInUse {
  /** The host is being asked to make the worktree of the WP. */
  expect(wpId: WpId): void
  /** Takes the worktree for the WP. Returns the WP that already has it, or null on success. */
  take(wpId: WpId, path: string): WpId | null
  /** The other WP that works there now, or null. */
  holderOf(path: string, except: WpId): WpId | null
  /** Other WPs that have no worktree yet and are about to get one. */
  expecting(except: WpId): readonly WpId[]
  isSame(path: string, other: string): boolean
  release(wpId: WpId): void
  /** What the host has just said of a WP that has no driver yet; null: that it has none. */
  named(wpId: WpId, worktree: LaneWorktree | null): void
  /** The same until it is forgotten; undefined: the host was not asked. */
  nameOf(wpId: WpId): LaneWorktree | null | undefined
  forgetNames(): void
}

/** `placeOf`: the real path of a worktree, also of one that does not exist yet. */
export function createWorktreesInUse(placeOf: (path: string) => string): WorktreesInUse {
  const inUse = new Map<WpId, string | null>()
  const names = new Map<WpId, LaneWorktree | null>()

  const holder = (place: string, except: WpId): WpId | null => {
    for (const [wpId, taken] of inUse) if (wpId !== except && taken === place) return wpId
    return null
  }

  return {
    expect: wpId => void inUse.set(wpId, null),
    take: (wpId, path) => {
      const place = placeOf(path)
      const other = holder(place, wpId)
      if (other === null) inUse.set(wpId, place)
      return other
    },
    holderOf: (path, except) => holder(placeOf(path), except),
    expecting: except => [...inUse].flatMap(([wpId, taken]) => (wpId !== except && taken === null ? [wpId] : [])),
    isSame: (path, other) => placeOf(path) === placeOf(other),
    release: wpId => void inUse.delete(wpId),
    named: (wpId, worktree) => void names.set(wpId, worktree),
    nameOf: wpId => names.get(wpId),
    forgetNames: () => names.clear(),
  }
}
