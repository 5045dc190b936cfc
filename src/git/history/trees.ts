import type { Setting } from '../../process/inherited-environment.ts'
import { git } from '../git.ts'
import { GitError } from '../git-error.ts'

/** Ignore `refs/replace`: a replacement commit is not the one that is merged. */
export const withoutReplaceRefs: { readonly settings: readonly Setting[] } = {
  settings: [['core.useReplaceRefs', 'false']],
}

/** The parents of commits that were read, which never change. */
export type Parents = ReadonlyMap<string, readonly string[]>

/** The only common ancestor; null: there is none, or more than one. */
export async function onlyMergeBase(repoRoot: string, a: string, b: string, known: Parents): Promise<string | null> {
  if (leadsTo(known, b, a)) return a
  if (leadsTo(known, a, b)) return b
  const found = await git(repoRoot, ['merge-base', '--all', a, b], withoutReplaceRefs)
  // 1: there is none.
  if (!found.ok && found.exitCode !== 1) throw new GitError(`git merge-base: ${found.stderr}`)
  const [base = null, ...more] = found.stdout.split('\n').filter(Boolean)
  return more.length > 0 ? null : base
}

/** True: `ancestor` is `commit` or an ancestor of it. False: not as far as the parents are known. */
function leadsTo(known: Parents, commit: string, ancestor: string): boolean {
  const seen = new Set([commit])
  // A set also visits what is added meanwhile.
  for (const at of seen) for (const parent of known.get(at) ?? []) seen.add(parent)
  return seen.has(ancestor)
}
