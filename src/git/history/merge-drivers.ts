import type { Setting } from '../../process/inherited-environment.ts'
import { git } from '../git.ts'
import { shownPath, type TreeChanges } from '../kept/tree-changes.ts'

/**
 * Settings with which a merge of these commits does not run the merge drivers that only files of the host have. How
 * those are merged does not matter here, and each of its drivers starts Python: 13 s after a merge of twelve lanes.
 * Other files are merged as the repository says.
 */
export async function withoutHostDrivers(
  place: PlaceOfDrivers,
  merged: readonly [ours: string, theirs: string],
  isHostFile: (path: string) => boolean,
): Promise<readonly Setting[]> {
  const { hosts, others } = await driversOf(place, merged, isHostFile)
  return [...hosts].filter(driver => !others.has(driver)).map(withoutDriver)
}

/**
 * Settings with which a merge runs no program at all. A clone does not get the drivers of a repository, so that a file
 * whose driver is not git's own conflicts wherever both sides changed it, and everyone who asks gets the same answer.
 */
export async function withoutDrivers(
  place: PlaceOfDrivers,
  merged: readonly [ours: string, theirs: string],
): Promise<readonly Setting[]> {
  const { others } = await driversOf(place, merged, () => false)
  return [['merge.default', 'text'], ['merge.renormalize', 'false'], ...[...others].map(withoutDriver)]
}

export interface PlaceOfDrivers {
  readonly repoRoot: string
  readonly changes: TreeChanges
}

function withoutDriver(driver: string): Setting {
  return [`merge.${driver}.driver`, 'false']
}

/** The drivers, besides git's own, of the files in which the two sides differ. */
async function driversOf(
  { repoRoot, changes }: PlaceOfDrivers,
  [ours, theirs]: readonly [ours: string, theirs: string],
  isHostFile: (path: string) => boolean,
) {
  const paths = (await changes(repoRoot, ours, theirs)).map(({ path }) => path)
  const stdin = Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1')
  const asked = await git(repoRoot, ['check-attr', '-z', '--stdin', 'merge'], { stdin, encoding: 'latin1' })
  const drivers = { hosts: new Set<string>(), others: new Set<string>() }
  // A path, the name of the attribute, and its value, each.
  for (const [path = '', , driver = ''] of inThrees(asked.stdout.split('\0'))) {
    if (!builtIn.has(driver)) drivers[isHostFile(shownPath(path)) ? 'hosts' : 'others'].add(driver)
  }
  return drivers
}

/** What `merge` may be besides a driver that is configured. */
const builtIn: ReadonlySet<string> = new Set(['unspecified', 'set', 'unset', 'text', 'binary', 'union', ''])

function inThrees(fields: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.floor(fields.length / 3) }, (_, n) => fields.slice(3 * n, 3 * n + 3))
}
