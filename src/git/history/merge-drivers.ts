import type { Setting } from '../../process/inherited-environment.ts'
import { git } from '../git.ts'
import { shownPath, type TreeChanges } from '../kept/tree-changes.ts'

/**
 * Settings with which a merge of these commits does not run the merge drivers that only files of the host have. How
 * those are merged does not matter here, and each of its drivers starts Python: 13 s after a merge of twelve lanes.
 * Other files are merged as the repository says.
 */
export async function withoutHostDrivers(
  { repoRoot, changes }: { readonly repoRoot: string; readonly changes: TreeChanges },
  [ours, theirs]: readonly [ours: string, theirs: string],
  isHostFile: (path: string) => boolean,
): Promise<readonly Setting[]> {
  const paths = (await changes(repoRoot, ours, theirs)).map(({ path }) => path)
  const stdin = Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1')
  const asked = await git(repoRoot, ['check-attr', '-z', '--stdin', 'merge'], { stdin, encoding: 'latin1' })
  const drivers = { hosts: new Set<string>(), others: new Set<string>() }
  // A path, the name of the attribute, and its value, each.
  for (const [path = '', , driver = ''] of inThrees(asked.stdout.split('\0'))) {
    drivers[isHostFile(shownPath(path)) ? 'hosts' : 'others'].add(driver)
  }
  return [...drivers.hosts]
    .filter(driver => !builtIn.has(driver) && !drivers.others.has(driver))
    .map(driver => [`merge.${driver}.driver`, 'false'])
}

/** What `merge` may be besides a driver that is configured. */
const builtIn: ReadonlySet<string> = new Set(['unspecified', 'set', 'unset', 'text', 'binary', 'union', ''])

function inThrees(fields: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.floor(fields.length / 3) }, (_, n) => fields.slice(3 * n, 3 * n + 3))
}
