import type { Merged } from '../../run/gate/combining.ts'
import { gitOrThrow } from '../git.ts'
import { gitWrite } from '../git-write.ts'
import { withoutReplaceRefs } from '../history/trees.ts'
import { makeCommit } from '../kept/kept.ts'
import { shownPath, type TreeChanges } from '../kept/tree-changes.ts'
import { withScratch } from '../scratch.ts'

interface Between {
  readonly base: string
  readonly head: string
}

/** Names that other systems cannot check out are allowed, and so is every folder. */
const settings = [
  ...withoutReplaceRefs.settings,
  ['core.protectNTFS', 'false'],
  ['core.protectHFS', 'false'],
  ['core.sparseCheckout', 'false'],
] as const

/** A commit on no branch: `head` with the files of `base` where `isTaken`. null: that is what `head` has. */
export async function withFilesOf(
  { repoRoot, changes }: { readonly repoRoot: string; readonly changes: TreeChanges },
  { base, head }: Between,
  isTaken: (path: string) => boolean,
): Promise<Merged | null> {
  // From `head` to `base`: what has to change in `head`.
  const taken = (await changes(repoRoot, head, base)).filter(({ path }) => isTaken(shownPath(path)))
  if (taken.length === 0) return null
  const lines = taken.map(({ path, mode, after, kind }) => `${kind === 'removed' ? '0' : mode} ${after}\t${path}\0`)
  const tree = await withScratch(repoRoot, async scratch => {
    const index = `${scratch}/index`
    await gitOrThrow(repoRoot, ['read-tree', head], { index, settings })
    // A file may be in the place of a folder; the file that is put back counts.
    const args = ['update-index', '--add', '--replace', '-z', '--index-info']
    await gitWrite(repoRoot, args, { index, settings, stdin: Buffer.from(lines.join(''), 'latin1') })
    return (await gitWrite(repoRoot, ['write-tree'], { index, settings })).trim()
  })
  const commit = await makeCommit(repoRoot, tree, [head], 'sko: with the protected files of the base')
  return { kind: 'merged', tree, parents: [commit] }
}
