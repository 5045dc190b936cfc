import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine, shellWord } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { git } from './git.ts'
import { mainCheckout } from './root.ts'

export interface Repository {
  /** The main checkout, also when we were started in a worktree or a subfolder. */
  readonly root: string
  readonly kittify: string
  /** The branch checked out in the main checkout; null when detached. We never change it. */
  readonly branch: string | null
}

export async function findRepository(wanted: string | undefined): Promise<Repository> {
  const from = wanted ?? currentFolder()
  if (!existsSync(from)) throw usage('no-such-folder', `there is no folder ${from}`, 'check --repo-root')
  const root = await mainCheckout(from)
  const kittify = join(root, '.kittify')
  if (!existsSync(kittify)) {
    await refuseRedirected(from, root)
    throw usage(
      'no-kittify',
      `${root} is not a spec-kitty project: it has no .kittify folder`,
      'run `spec-kitty init` there',
    )
  }
  return { root, kittify, branch: await currentBranch(root) }
}

/** Tools have been seen to set it. git then works in another folder than the checkout around us. */
async function refuseRedirected(from: string, root: string): Promise<void> {
  const set = await git(from, ['config', '--get', 'core.worktree'])
  const common = await git(from, ['rev-parse', '--path-format=absolute', '--git-common-dir'])
  if (!set.ok || !common.ok) return
  const file = join(common.stdout.trim(), 'config')
  throw new OrchestratorError({
    code: 'core-worktree',
    exitCode: exitCodes.usage,
    message: `git uses ${root} as the checkout of ${from}, because core.worktree is set to ${oneLine(set.stdout)}`,
    next: [{ command: `git config --file ${shellWord(file)} --unset-all core.worktree`, why: 'if a tool has set it' }],
  })
}

/** null when detached. */
export async function currentBranch(root: string): Promise<string | null> {
  const branch = await git(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  return branch.ok ? branch.stdout.trim() : null
}

export function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    throw usage(
      'no-such-folder',
      'the current folder has been removed',
      'go to the project, or name it with --repo-root',
    )
  }
}

/** Names of the missions, for messages only. No host command lists them; only folder names are read. */
export function missionNames(repository: Pick<Repository, 'root'>): readonly string[] {
  const folder = join(repository.root, 'kitty-specs')
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => oneLine(entry.name))
      .toSorted()
  } catch {
    // The folder is missing or unreadable, so there is nothing to suggest.
    return []
  }
}

function usage(code: string, message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code, exitCode: exitCodes.usage, message, hint })
}
