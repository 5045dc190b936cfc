import type { KeptEntry } from '../../core/repository/kept.ts'
import { gitOrThrow } from '../git.ts'

/** The content of a kept commit, as shown to a person. */
export interface KeptContent {
  /** `git diff --stat` against HEAD at that time. */
  readonly diffStat: string
  /** Files that differ from HEAD at that time. */
  readonly files: readonly string[]
  /** HEAD at that time; null: there was none. */
  readonly base: string | null
  /** Commits that nothing else held, as `<commit> <subject>`. */
  readonly commits: readonly string[]
}

export async function contentOf(root: string, { commit }: KeptEntry): Promise<KeptContent> {
  const [base = null, ...others] = (await gitOrThrow(root, ['rev-parse', `${commit}^@`])).split('\n').filter(Boolean)
  const from = base ?? (await gitOrThrow(root, ['hash-object', '-t', 'tree', '/dev/null'])).trim()
  const diff = ['diff', '--no-renames', '--no-color']
  const names = await gitOrThrow(root, [...diff, '--name-only', '-z', from, commit])
  const subjects =
    others.length === 0 ? '' : await gitOrThrow(root, ['log', '--no-walk=unsorted', '--format=%h %s', ...others])
  return {
    diffStat: (await gitOrThrow(root, [...diff, '--stat=100', from, commit])).trimEnd(),
    files: names.split('\0').filter(Boolean),
    base,
    commits: subjects.split('\n').filter(Boolean),
  }
}

/** The number of files that differ from HEAD at that time. */
export async function countFiles(root: string, { commit }: KeptEntry): Promise<number> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--no-commit-id']
  const parents = (await gitOrThrow(root, ['rev-parse', `${commit}^@`])).split('\n').filter(Boolean)
  const base = parents[0]
  const names = await gitOrThrow(root, base === undefined ? [...args, '--root', commit] : [...args, base, commit])
  return names.split('\0').filter(Boolean).length
}
