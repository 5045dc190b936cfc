import { oneLine } from '../core/text.ts'
import type { Setting } from '../process/inherited-environment.ts'
import { causeIn, type GitOptions, git } from './git.ts'
import { GitError } from './git-error.ts'

/** The lines of a command that must see everything: git only warns about a folder that it cannot open. */
export async function list(cwd: string, args: readonly string[], options: GitOptions): Promise<readonly string[]> {
  const result = await git(cwd, args, { encoding: 'latin1', ...options })
  if (!result.ok) throw new GitError(`git ${args[0]}: ${causeIn(result.stderr)}`)
  const unseen = result.stderr.split('\n').find(line => /could not open directory|unable to (?:access|read)/.test(line))
  if (unseen !== undefined && !/gitconfig|git\/(?:attributes|ignore|config)/.test(unseen)) {
    throw new GitError(`git ${args[0]}: ${oneLine(unseen)}`)
  }
  return result.stdout.split('\0').filter(Boolean)
}

/** Settings that disable `filter.*` programs. Storing bytes does not need them, and looking must not start them. */
export async function withoutFilters(worktree: string): Promise<readonly Setting[]> {
  const names = await git(worktree, ['config', '--null', '--name-only', '--get-regexp', '^filter\\.'])
  const drivers = new Set(names.stdout.split('\0').flatMap(name => /^(filter\..+)\.[^.]+$/.exec(name)?.[1] ?? []))
  return [...drivers].flatMap((driver): Setting[] => [
    [`${driver}.clean`, ''],
    [`${driver}.smudge`, ''],
    [`${driver}.process`, ''],
    [`${driver}.required`, 'false'],
  ])
}
