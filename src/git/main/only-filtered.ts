import { hashOnDisk } from '../kept/store-files.ts'
import { indexEntries } from '../worktree/hidden.ts'
import { look, modeOf } from '../worktree/on-disk.ts'

/** Larger files, in bytes, are not compared. */
const mostRead = 64 * 1024 * 1024

/**
 * The files that git reports as changed although they equal the index byte for byte, because filters or line endings
 * would store them differently. One cause is a file committed without git-lfs installed. Neither a stash nor a checkout
 * changes that. Paths are `latin1`.
 */
export async function onlyFiltered(root: string, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return []
  const wanted = new Set(paths)
  const entries = (await indexEntries(root)).filter(({ path, merged }) => merged && wanted.has(path))
  const same = await Promise.all(
    entries.map(async ({ path, mode, oid }) => {
      const stats = look(root, path)
      if (!stats?.isFile() || stats.size > mostRead || modeOf(stats) !== mode) return []
      return (await hashOnDisk(root, path, mode, oid.length)) === oid ? [path] : []
    }),
  )
  return same.flat()
}
