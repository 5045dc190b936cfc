import { causeIn, type GitOptions, git } from './git.ts'
import { GitError } from './git-error.ts'

/** The object of each name, such as `HEAD^{commit}`, in their order; null: there is none. */
export async function resolveAll(
  cwd: string,
  names: readonly string[],
  options: GitOptions = {},
): Promise<readonly (string | null)[]> {
  if (names.length === 0) return []
  const stdin = Buffer.from(names.map(name => `${name.includes('\n') ? '' : name}\n`).join(''))
  const answer = await git(cwd, ['cat-file', '--batch-check=%(objectname)'], { ...options, stdin })
  if (!answer.ok) throw new GitError(`git cat-file: ${causeIn(answer.stderr)}`)
  const lines = answer.stdout.split('\n')
  return names.map((_, n) => /^[0-9a-f]{40,64}$/.exec(lines[n] ?? '')?.[0] ?? null)
}
