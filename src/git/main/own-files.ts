import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { oneLine, shellWord } from '../../core/text.ts'
import { readRegular } from '../../files/read-regular.ts'
import { git } from '../git.ts'
import { gitFolders } from '../git-folders.ts'

/**
 * State, locks, requests and logs of sko, as git patterns. `spec-kitty init` ignores only the logs. If one of the
 * others is committed, the host refuses every merge, because it changes all the time. The project may commit the
 * configuration beside them.
 */
export const ownPatterns = [
  '.kittify/orchestrator-run-state.json*',
  '.kittify/orchestrator.lock*',
  '.kittify/orchestrator-requests',
  '.kittify/logs',
]

const comment = '# State and logs of sko (spec-kitty-orchestrator), which are never part of the project'

/** Adds our files to the repository's own ignore list. Returns the reason if that was not possible, else null. */
export function excludeOwnFiles(root: string): string | null {
  try {
    const { common } = gitFolders(root)
    addLines(join(common, 'info', 'exclude'), common)
    return null
  } catch (error) {
    return oneLine(error instanceof Error ? error.message : String(error))
  }
}

/** The tracked files that match; none if git cannot tell. */
export async function trackedFiles(root: string, patterns: readonly string[]): Promise<readonly string[]> {
  const tracked = await git(root, ['ls-files', '-z', '--', ...patterns])
  return tracked.ok ? tracked.stdout.split('\0').filter(Boolean) : []
}

/** The command that removes our files from git if someone added them; null: they are not tracked. */
export async function untrackOwnFiles(root: string, known?: readonly string[]): Promise<string | null> {
  const tracked = known ?? (await trackedFiles(root, ownPatterns))
  if (tracked.length === 0) return null
  const asked = ['diff', '--cached', '--name-only', '--diff-filter=A', '-z', 'HEAD', '--', ...ownPatterns]
  const added = await git(root, asked)
  const here = `git -C ${shellWord(root)}`
  const remove = `${here} rm -r --cached --force --quiet --ignore-unmatch -- ${ownPatterns.map(shellWord).join(' ')}`
  // Files that are staged but not committed need no commit to be removed.
  if (added.ok && added.stdout.split('\0').filter(Boolean).length === tracked.length) return remove
  return `${remove} && ${here} commit --quiet -m 'Stop tracking the state of sko'`
}

/** The command that adds them to the project's own ignore list. */
export function ignoreOwnFiles(root: string): string {
  const lines = ownPatterns.map(pattern => shellWord(`/${pattern}`)).join(' ')
  return `printf '\\n%s\\n' ${lines} >>${shellWord(join(root, '.gitignore'))}`
}

function addLines(path: string, common: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const place = existsSync(path) ? realpathSync(path) : path
  if (!place.startsWith(`${realpathSync(common)}${sep}`)) throw new Error(`${path} is a link to ${place}`)
  // As bytes: a pattern may be in any encoding.
  const before = existsSync(place) ? readRegular(place).toString('latin1') : ''
  const lines = before.split(/\r?\n/)
  const missing = ownPatterns.map(pattern => `/${pattern}`).filter(line => !lines.includes(line))
  if (missing.length === 0) return
  if (existsSync(place)) accessSync(place, constants.W_OK)
  const lineEnd = before.includes('\r\n') ? '\r\n' : '\n'
  const glue = before === '' || before.endsWith('\n') ? '' : lineEnd
  replace(place, `${before}${glue}${[comment, ...missing, ''].join(lineEnd)}`)
}

function replace(path: string, text: string): void {
  const temporary = join(dirname(path), 'exclude.sko-new')
  rmSync(temporary, { force: true })
  writeFileSync(temporary, text, { encoding: 'latin1', flag: 'wx' })
  if (existsSync(path)) chmodSync(temporary, statSync(path).mode & 0o777)
  renameSync(temporary, path)
}
