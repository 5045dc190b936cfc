import { shellName, shellWord } from '../../core/text.ts'
import { asValue } from '../as-value.ts'
import { git } from '../git.ts'
import { shownPath, treeChanges } from '../kept/tree-changes.ts'
import { list } from '../list.ts'
import { isPlainName, mostNamed } from './in-the-way.ts'

/**
 * The command that switches the main checkout back to `branch`. Files that the other branch lacks can be in the way:
 * git refuses, or overwrites ignored ones, and the host leaves its records there. The command stashes them first.
 */
export const switchCommand = asValue(async (root: string, branch: string): Promise<string> => {
  const here = `git -C ${shellWord(root)}`
  const checkout = `${here} checkout ${shellName(branch)}`
  const { files, ignored } = await filesInTheWay(root, branch)
  if (files.length === 0) return checkout
  if (files.length > mostNamed || !files.every(isPlainName)) {
    return `${here} stash push --quiet --include-untracked && ${checkout}`
  }
  const which = ignored ? '--all' : '--include-untracked'
  return `${here} stash push --quiet ${which} -- ${files.map(shellWord).join(' ')} && ${checkout}`
})

/** The run's own state, which sko adds to the ignore list. */
const ours = /^\.kittify\/(?:orchestrator|logs\/)/

async function filesInTheWay(root: string, branch: string) {
  const ref = `refs/heads/${branch}`
  const known = await git(root, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])
  if (!known.ok) return { files: [], ignored: false }
  const changes = await treeChanges(root, 'HEAD', ref)
  const touched = new Set(changes.map(({ path }) => path))
  const folders = new Set(changes.flatMap(({ path, kind }) => (kind === 'removed' ? [] : foldersOf(path))))
  const args = ['status', '--porcelain', '-z', '--ignored', '--untracked-files=all', '--no-renames']
  const lines = (await list(root, args, {})).filter(line => !ours.test(line.slice(3)))
  const inTheWay = lines.filter(line => {
    const path = line.slice(3).replace(/\/$/, '')
    return touched.has(path) || folders.has(path) || foldersOf(path).some(folder => touched.has(folder))
  })
  return {
    files: inTheWay.map(line => shownPath(line.slice(3))),
    ignored: inTheWay.some(line => line.startsWith('!!')),
  }
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('/'))
}
