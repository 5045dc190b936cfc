import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { type GitOptions, gitOrThrow } from '../git.ts'
import { type GitFolders, gitFolders } from '../git-folders.ts'
import { isLeft } from '../scratch.ts'

/** Followed by the id of the process that made it. */
const prefix = 'sko-combined-'

export interface ScratchProject {
  /** The folder of the files. */
  readonly path: string
  readonly gitDir: string
  git(args: readonly string[], options?: GitOptions): Promise<string>
  remove(): void
}

/**
 * A repository of our own in the system's temporary folder, which only the user can open. It reads the objects of the
 * project and has copies of its settings, attributes and branches, so that a checkout, and git in a check, work as in a
 * lane worktree. The project does not know of it: it is no worktree, and nothing in it can move a ref of the project.
 */
export async function makeScratchProject(repoRoot: string, commitLength: number): Promise<ScratchProject> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), `${prefix}${process.pid}-`))
  const remove = () => removeAll(folder)
  try {
    // Tools show the name of the folder of a project.
    const path = join(folder, basename(repoRoot))
    const format = commitLength === 64 ? 'sha256' : 'sha1'
    await gitOrThrow(folder, ['init', '--quiet', '--template=', `--object-format=${format}`, '--', path])
    const gitDir = join(path, '.git')
    const { common } = gitFolders(repoRoot)
    await appendFile(join(gitDir, 'config'), settingsFor(common, path))
    await writeFile(join(gitDir, 'objects', 'info', 'alternates'), await objectStores(common))
    await copyRefs(repoRoot, gitDir)
    copyInfo({ common, own: gitDir })
    return { path, gitDir, remove, git: (args, options) => inScratch(path, gitDir, args, options) }
  } catch (error) {
    remove()
    throw error
  }
}

function inScratch(path: string, gitDir: string, args: readonly string[], options: GitOptions = {}) {
  return gitOrThrow(path, args, { ...options, repository: { gitDir, worktree: path } })
}

/**
 * What differs from the project comes last, where it wins. A background process of git would outlive the checks, and
 * git-lfs would download again what the project has.
 */
function settingsFor(common: string, path: string): string {
  return [
    `[include]\n\tpath = ${quoted(join(common, 'config'))}`,
    `[core]\n\tbare = false\n\tworktree = ${quoted(path)}\n\tfsmonitor = false\n\tsparseCheckout = false`,
    '[gc]\n\tauto = 0',
    '[maintenance]\n\tauto = false',
    `[lfs]\n\tstorage = ${quoted(join(common, 'lfs'))}`,
    '',
  ].join('\n')
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
}

/** Those of the project, and where that one borrows from: git does not follow a relative path a second time. */
async function objectStores(common: string): Promise<string> {
  const objects = join(common, 'objects')
  const borrowed = await readFile(join(objects, 'info', 'alternates'), 'utf8').catch(() => '')
  const stores = borrowed.split('\n').filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('"'))
  return [objects, ...stores.map(store => (isAbsolute(store) ? store : resolve(objects, store)))]
    .map(store => `${/^["#]|\n/.test(store) ? quoted(store) : store}\n`)
    .join('')
}

/** A check may compare with a branch or describe a tag. */
async function copyRefs(repoRoot: string, gitDir: string): Promise<void> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/remotes', 'refs/tags']
  const refs = await gitOrThrow(repoRoot, args)
  if (refs !== '') await writeFile(join(gitDir, 'packed-refs'), `${refs}\n`)
}

/** `shallow`: without it git misses the parents that a shallow clone does not have. */
function copyInfo({ common, own }: GitFolders): void {
  for (const name of ['info/attributes', 'info/exclude', 'shallow']) {
    const from = join(common, name)
    if (!existsSync(from) || !lstatSync(from).isFile()) continue
    mkdirSync(join(own, 'info'), { recursive: true })
    copyFileSync(from, join(own, name))
  }
}

/** What killed processes left. */
export function removeScratchProjects(): void {
  const folder = realpathSync(tmpdir())
  for (const name of readdirSync(folder)) {
    if (isLeft(name, prefix) && isOurs(join(folder, name))) removeAll(join(folder, name))
  }
}

/** Others can make files in the temporary folder. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() === true && found.uid === process.getuid?.()
}

/** A tool may have made folders that cannot be written, as Go does with its modules. What stays is tried at the next start. */
function removeAll(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    rmSync(madeWritable(folder), { recursive: true, force: true, maxRetries: 1 })
  }
}

function madeWritable(folder: string): string {
  chmodSync(folder, 0o700)
  const inside = readdirSync(folder, { withFileTypes: true })
  for (const entry of inside.filter(other => other.isDirectory())) madeWritable(join(folder, entry.name))
  return folder
}
