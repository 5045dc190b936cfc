import { shellWord } from '../../core/text.ts'
import { asValue } from '../as-value.ts'
import { git } from '../git.ts'
import { resolveAll } from '../resolve-all.ts'

const mostBranches = 200

/**
 * The only local branch, apart from the host's, that has the mission's work packages; null: there is none, or several.
 */
export async function plannedBranch(root: string, mission: string): Promise<string | null> {
  const args = ['for-each-ref', '--sort=-committerdate', `--count=${mostBranches}`, '--format=%(refname:lstrip=2)']
  const listed = await git(root, [...args, 'refs/heads'])
  const branches = listed.stdout.split('\n').filter(name => name !== '' && !name.startsWith('kitty/'))
  const found: string[] = []
  for (const branch of branches) {
    const tasks = await git(root, ['ls-tree', '-d', '--name-only', `refs/heads/${branch}`, '--', tasksOf(mission)])
    if (tasks.ok && tasks.stdout !== '') found.push(branch)
  }
  const [only, ...others] = found
  return only !== undefined && others.length === 0 ? only : null
}

/**
 * Whether no other branch than this one, here or at a remote, has the mission's work packages, the host's own aside. Then
 * it is the one on which the mission was planned. False where git cannot tell.
 */
export async function isPlannedOnlyOn(root: string, mission: string, branch: string): Promise<boolean> {
  const args = ['for-each-ref', `--count=${mostBranches + 1}`, '--format=%(refname)', 'refs/heads', 'refs/remotes']
  const listed = await git(root, args)
  const refs = listed.stdout.split('\n').filter(ref => ref !== '')
  if (!listed.ok || refs.length > mostBranches) return false
  const nameOf = (ref: string) => ref.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '')
  const others = refs.filter(ref => nameOf(ref) !== branch && !nameOf(ref).startsWith('kitty/'))
  const names = [`refs/heads/${branch}`, ...others].map(ref => `${ref}:${tasksOf(mission)}`)
  const found = await asValue(resolveAll)(root, names)
  if (!found.ok) return false
  const [here, ...elsewhere] = found.data
  return typeof here === 'string' && elsewhere.every(tasks => tasks === null)
}

/** The command that restores the removed file of a WP without a commit; null: git does not have it. */
export async function bringBackFile(root: string, mission: string, wpId: string): Promise<string | null> {
  if (!/^[\w.-]+$/.test(mission)) return null
  const there = await git(root, ['ls-tree', '--name-only', 'HEAD', '--', `${tasksOf(mission)}/`])
  const isOfIt = new RegExp(`/${wpId}(?!\\d)[^/]*$`)
  const kept = there.stdout.split('\n').filter(name => isOfIt.test(name))
  if (there.ok && kept.length > 0) return checkout(root, 'HEAD', kept)
  const pattern = `:(glob)${tasksOf(mission)}/${wpId}[!0-9]*`
  const args = ['log', '-1', '--diff-filter=D', '--no-renames', '--no-show-signature', '--name-only', '--format=%H']
  const removal = await git(root, [...args, 'HEAD', '--', pattern])
  const [commit = '', ...files] = removal.stdout.split('\n').filter(line => line !== '')
  return removal.ok && files.length > 0 ? checkout(root, `${commit}^`, files) : null
}

function tasksOf(mission: string): string {
  return `kitty-specs/${mission}/tasks`
}

function checkout(root: string, commit: string, files: readonly string[]): string | null {
  // git quotes unusual names.
  if (!files.every(file => /^[\w./-]+$/.test(file))) return null
  return `git -C ${shellWord(root)} checkout ${commit} -- ${files.join(' ')}`
}
