import { inOrder, type KeptEntry } from '../../core/repository/kept.ts'
import { toPrune } from '../../core/repository/prune.ts'
import { git, gitOrThrow } from '../git.ts'
import { dropKept, listKeptCommits } from './kept-refs.ts'
import { treeChanges } from './tree-changes.ts'

/** Removes entries that no longer need to be kept, and returns them. */
export async function pruneKept(root: string, days: number, now: number): Promise<readonly KeptEntry[]> {
  const commits = await listKeptCommits(root)
  const entries = inOrder(commits.map(({ entry }) => entry))
  const pruned = toPrune(entries, { contained: await containedIn(root, commits), days, now })
  await dropKept(root, pruned)
  return pruned
}

type KeptCommits = Awaited<ReturnType<typeof listKeptCommits>>

/** Entries whose files are all in commits held by refs other than ours. */
async function containedIn(root: string, commits: KeptCommits): Promise<ReadonlySet<string>> {
  const contained = new Set<string>()
  const since = new Map<string, ReadonlySet<string>>()
  for (const { entry, base, tree } of commits) {
    if (base === null) continue
    const held = since.get(base) ?? (await objectsSince(root, base))
    since.set(base, held)
    if (held.has(tree) || (await holdsChanges(root, held, base, entry.commit))) contained.add(entry.ref)
  }
  return contained
}

async function holdsChanges(root: string, held: ReadonlySet<string>, base: string, commit: string): Promise<boolean> {
  const changes = await treeChanges(root, base, commit)
  return changes.every(({ kind, after }) => kind === 'removed' || held.has(after))
}

/** Objects of all branches and tags, without those from before `base`. That is at most what one mission has made. */
async function objectsSince(root: string, base: string): Promise<ReadonlySet<string>> {
  const fork = await git(root, ['merge-base', base, 'HEAD'])
  const before = fork.ok ? ['--not', fork.stdout.trim()] : []
  const args = ['rev-list', '--objects', '--no-object-names', '--exclude=refs/sko/*', '--exclude=refs/stash', '--all']
  return new Set((await gitOrThrow(root, [...args, ...before])).split('\n'))
}
