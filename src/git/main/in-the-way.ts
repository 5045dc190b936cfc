import { someOf } from '../../core/format.ts'
import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import { oneLine, shellWord } from '../../core/text.ts'
import { git } from '../git.ts'

/** The most files that a command names one by one. */
export const mostNamed = 20

/** Contains nothing that git takes for a pattern and no line break. */
export function isPlainName(name: string): boolean {
  return /^[^\p{Cc}\uFFFD*?[\]\\:]+$/u.test(name)
}

/** The host writes these itself, and they do not block a merge (measured). */
export function isHostsRecord(path: string): boolean {
  if (path.startsWith('.worktrees/')) return true
  return /^kitty-specs\/[^/]+\/(?:meta\.json|status\.json|status\.events\.jsonl|(?:acceptance|issue)-matrix\.\w+)$/.test(
    path,
  )
}

/**
 * Untracked and ignored files in the main checkout where a lane has a file or folder of the same name. The host first
 * merges the lanes into the mission branch and then refuses; every further try adds another merge commit. Returns the
 * command that moves the files away, with the reason; null: there are none.
 */
export async function whatIsInTheWay(
  root: string,
  status: readonly string[],
  lanes: readonly string[],
): Promise<NextCommand | null> {
  const lines = status.filter(line => /^(?:\?\?|!!) /.test(line))
  const loose = lines.filter(line => !isOurs(line.slice(3)))
  if (loose.length === 0) return null
  const coming = await namesIn(root, lanes)
  const inTheWay = loose.filter(line => coming.has(line.slice(3).replace(/\/$/, '')))
  if (inTheWay.length === 0) return null
  const names = inTheWay.map(line => Buffer.from(line.slice(3), 'latin1').toString())
  const shown = oneLine(someOf(names))
  const why = `untracked, and the lanes have files of the same names: ${shown}; the host does not merge until they are moved`
  if (!names.every(isPlainName)) return { command: resume, why: `move them out of ${root} first: ${why}` }
  const which = inTheWay.some(line => line.startsWith('!!')) ? '--all' : '--include-untracked'
  const stash = `git -C ${shellWord(root)} stash push --quiet ${which} -- ${names.slice(0, mostNamed).map(shellWord).join(' ')}`
  return andResume(stash, `${why}; git stash list then shows them`)
}

/** The run's state and the worktrees are stored there. */
function isOurs(path: string): boolean {
  return path.startsWith('.kittify/') || isHostsRecord(path) || path === '.worktrees/'
}

/** Every file in the lanes and every folder above one, as `latin1`. */
async function namesIn(root: string, lanes: readonly string[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const lane of lanes) {
    // A missing branch is reported elsewhere.
    const listed = await git(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', lane], { encoding: 'latin1' })
    for (const file of listed.stdout.split('\0')) {
      for (let path = file; path !== '' && !names.has(path); path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
        names.add(path)
      }
    }
  }
  return names
}
