import type { Changes } from '../../core/judgement/coverage.ts'
import { type GitOptions, git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'

/** Ignore `refs/replace`: a replacement commit is not the one that is merged. */
export const withoutReplaceRefs: Pick<GitOptions, 'settings'> = { settings: [['core.useReplaceRefs', 'false']] }

/** The mode and object of each changed path at `to`; '' where the path is gone. */
export async function changesBetween(repoRoot: string, from: string, to: string): Promise<Changes> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', from, to]
  const fields = (await gitOrThrow(repoRoot, args, withoutReplaceRefs)).split('\0')
  const changes = new Map<string, string>()
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = '', , id = '', status = ''] = (fields[at] ?? '').split(' ')
    changes.set(fields[at + 1] ?? '', status === 'D' ? '' : `${mode} ${id}`)
  }
  return changes
}

/** The only common ancestor; null: there is none, or more than one. */
export async function onlyMergeBase(repoRoot: string, a: string, b: string): Promise<string | null> {
  const found = await git(repoRoot, ['merge-base', '--all', a, b], withoutReplaceRefs)
  if (!found.ok && found.stderr !== '') throw new GitError(`git merge-base: ${found.stderr}`)
  const [base = null, ...more] = found.stdout.split('\n').filter(Boolean)
  return more.length > 0 ? null : base
}
