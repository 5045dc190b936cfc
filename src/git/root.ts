import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { gitTrouble } from '../core/repository/git-trouble.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { unbareCommand } from './checkout-name.ts'
import { causeIn, git } from './git.ts'
import { gitTooOld, oldestGit } from './version.ts'

/** Where we are, according to git. */
interface Place {
  /** Top folder of the worktree. */
  readonly top: string
  /** The worktree's own git folder. */
  readonly gitDir: string
  /** The git folder shared by all worktrees of the repository. */
  readonly common: string
}

/**
 * The main checkout of the repository around `from`, which may be a subfolder or a linked worktree. Throws git's
 * objection to the place.
 *
 * In the main checkout git's own folder is the shared one, wherever it is: a submodule keeps it in its superproject,
 * `--separate-git-dir` anywhere. Only from a linked worktree does it have to be searched for.
 */
export async function mainCheckout(from: string): Promise<string> {
  const place = await placeOf(from)
  if (place.gitDir === place.common) return place.top
  return (await namedByGit(place.common)) ?? enclosing(place)
}

async function placeOf(from: string): Promise<Place> {
  const asked = ['--show-toplevel', '--git-dir', '--git-common-dir']
  const answer = (await ask(from, asked)).split('\n')
  // A folder name may contain a line break.
  const isPlain = answer.length === asked.length
  const [top = '', gitDir = '', common = ''] = isPlain ? answer : await Promise.all(asked.map(one => ask(from, [one])))
  return { top, gitDir, common }
}

async function ask(from: string, what: readonly string[]): Promise<string> {
  const answer = await git(from, ['rev-parse', '--path-format=absolute', ...what])
  if (!answer.ok) throw await refusal(from, answer.stderr)
  // An older git repeats an option that it does not know.
  if (answer.stdout.startsWith('--path-format')) throw gitTooOld((await git(from, ['--version'])).stdout.trim())
  return answer.stdout.replace(/\n$/, '')
}

/** The checkout beside a folder called `.git`, or the one that a submodule's settings name. */
async function namedByGit(common: string): Promise<string | null> {
  const named = await git(common, ['config', '--file', join(common, 'config'), '--get', 'core.worktree'])
  const value = named.stdout.replace(/\n$/, '')
  const candidate = named.ok && value ? resolve(common, value) : dirname(common)
  return (await isMainOf(candidate, common)) ? candidate : null
}

async function isMainOf(folder: string, common: string): Promise<boolean> {
  if (!existsSync(join(folder, '.git'))) return false
  const own = await git(folder, ['rev-parse', '--path-format=absolute', '--git-dir'])
  return own.ok && own.stdout.replace(/\n$/, '') === common
}

/**
 * git does not know the main checkout of a separate git folder, and a bare repository has none. The host puts its
 * worktrees inside its checkout, so use the outermost checkout around us.
 */
async function enclosing(place: Place): Promise<string> {
  let { top } = place
  for (;;) {
    const above = await placeOf(dirname(top)).catch(() => null)
    if (above?.common !== place.common) return top
    top = above.top
  }
}

/** The error for git's objection to a folder. */
export async function refusal(from: string, stderr: string): Promise<OrchestratorError> {
  if (stderr.includes('ENOENT')) {
    return usage('git-missing', 'git is not installed, or not on PATH', `install git ${oldestGit} or newer`)
  }
  if (stderr.includes('must be run in a work tree') && existsSync(join(from, '.git'))) {
    const message = `git refuses to work in ${from}: core.bare is set, though it is a checkout`
    return usage('core-bare', message, await unbareCommand(from))
  }
  const trouble = gitTrouble(stderr)
  if (trouble) return usage('git-refuses', `git refuses to work in ${from}: ${trouble.cause}`, trouble.cure)
  if (stderr.includes('not a git repository')) {
    const hint = 'go to the project, or name it with --repo-root <path>'
    return usage('not-a-repository', `${from} is not in a git repository`, hint)
  }
  return usage('git-refuses', `git fails in ${from}: ${causeIn(stderr)}`, 'run `git status` there; it must work first')
}

function usage(code: string, message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code, exitCode: exitCodes.usage, message, hint })
}
