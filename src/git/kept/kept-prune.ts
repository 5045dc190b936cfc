import type { KeptEntry } from '../../core/repository/kept.ts'
import { toPrune } from '../../core/repository/prune.ts'
import { git, gitOrThrow } from '../git.ts'
import { dropKept, listKept } from './kept-refs.ts'
import { treeChanges } from './tree-changes.ts'

/** Removes entries that no longer need to be kept, and returns them. */
export async function pruneKept(root: string, days: number, now: number): Promise<readonly KeptEntry[]> {
  const entries = await listKept(root)
  const pruned = toPrune(entries, { contained: await containedIn(root, entries), days, now })
  await dropKept(root, pruned)
  return pruned
}

/** Entries whose files are all in commits held by refs other than ours. */
async function containedIn(root: string, entries: readonly KeptEntry[]): Promise<ReadonlySet<string>> {
  const contained = new Set<string>()
  for (const { ref, commit } of entries) {
    const parent = await git(root, ['rev-parse', '--verify', '--quiet', `${commit}^1`])
    if (!parent.ok) continue
    const base = parent.stdout.trim()
    const changes = await treeChanges(root, base, commit)
    const own = changes.filter(({ kind }) => kind !== 'removed').map(({ after }) => after)
    const held = own.length === 0 ? new Set<string>() : await objectsSince(root, base)
    if (own.every(oid => held.has(oid))) contained.add(ref)
  }
  return contained
}

/** Objects of all branches and tags, without those from before `base`. That is at most what one mission has made. */
async function objectsSince(root: string, base: string): Promise<ReadonlySet<string>> {
  const fork = await git(root, ['merge-base', base, 'HEAD'])
  const before = fork.ok ? ['--not', fork.stdout.trim()] : []
  const args = ['rev-list', '--objects', '--no-object-names', '--exclude=refs/sko/*', '--exclude=refs/stash', '--all']
  return new Set((await gitOrThrow(root, [...args, ...before])).split('\n'))
}
