import type { TreeChange } from '../../core/work-package/lost.ts'
import type { DiffText } from '../../run/git/workspace.ts'
import { git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { shownPath } from '../kept/tree-changes.ts'
import { list } from '../list.ts'

/** Files beyond this number are named without being read. */
const mostLookedAt = 200
/** git's own test for text: no zero byte in this many bytes at the start. */
const lookedAt = 8000

/** Settings that hide changes: in our `git diff`, and in a reviewer's, which also runs the programs of drivers. */
const hidingKeys = { ours: '^diff\\..+\\.binary$', reviewers: '^diff\\..+\\.(binary|command|textconv)$' }
type Whose = keyof typeof hidingKeys

/**
 * Text files whose change `git diff` hides, or replaces with another program's output: they have the attribute `-diff`
 * or a driver with that effect. An agent can set both.
 */
export async function hiddenChanges(
  worktree: string,
  all: readonly TreeChange[],
  whose: Whose = 'reviewers',
): Promise<readonly string[]> {
  const changes = all.filter(({ mode }) => mode !== '160000')
  if (changes.length === 0) return []
  const drivers = await driversOf(
    worktree,
    changes.map(({ path }) => path),
  )
  const odd = new Set((await hidingDrivers(worktree, whose)).concat('unset'))
  const suspects = changes.filter(({ path }) => odd.has(drivers.get(path) ?? ''))
  const texts: TreeChange[] = []
  for (const [n, change] of suspects.entries()) {
    if (n >= mostLookedAt || (await isText(worktree, change))) texts.push(change)
  }
  return texts.map(({ path }) => shownPath(path))
}

/** The `diff` attribute of each path, as git applies it here. */
async function driversOf(worktree: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const stdin = Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1')
  const fields = await list(worktree, ['check-attr', '-z', '--stdin', 'diff'], { stdin })
  return new Map(fields.flatMap((path, n) => (n % 3 === 0 ? [[path, fields[n + 2] ?? ''] as const] : [])))
}

async function hidingDrivers(worktree: string, whose: Whose): Promise<readonly string[]> {
  const found = await git(worktree, ['config', '--null', '--name-only', '--get-regexp', hidingKeys[whose]])
  return found.stdout.split('\0').flatMap(name => /^diff\.([\s\S]+)\.[a-z]+$/.exec(name)?.[1] ?? [])
}

async function isText(worktree: string, { before, after }: TreeChange): Promise<boolean> {
  const sides = [before, after].filter(oid => !/^0+$/.test(oid))
  const beginnings = sides.map(async oid => {
    const blob = await git(worktree, ['cat-file', 'blob', oid], { encoding: 'latin1', maxCharacters: lookedAt })
    // A link to another repository is not text.
    return blob.ok || blob.cut ? blob.stdout : '\0'
  })
  return (await Promise.all(beginnings)).every(text => !text.includes('\0'))
}

/** A command takes no more file names than this. */
const mostNamed = 500

interface Shown {
  readonly base: string
  readonly head: string
  /** Between the two. */
  readonly changes: readonly TreeChange[]
  readonly only: boolean
}

/**
 * The diff with hidden changes shown as text, before the rest. `only`: just those, where a reviewer can see the rest.
 */
export async function diffWithHidden(
  worktree: string,
  { base, head, changes, only }: Shown,
  maxCharacters: number,
): Promise<DiffText> {
  const names = await hiddenChanges(worktree, changes, only ? 'reviewers' : 'ours')
  if (names.length === 0) return only ? { text: '', cut: false } : diff(worktree, [base, head], maxCharacters)
  if (names.length > mostNamed) return diff(worktree, ['--text', base, head], maxCharacters)
  const these = names.map(name => `:(top,literal)${name}`)
  const hidden = await diff(worktree, ['--text', base, head, '--', ...these], maxCharacters)
  if (only || hidden.cut) return hidden
  const others = [':(top)', ...names.map(name => `:(top,exclude,literal)${name}`)]
  const left = maxCharacters - hidden.text.length - 1
  if (left <= 0) return { ...hidden, cut: true }
  const rest = await diff(worktree, [base, head, '--', ...others], left)
  return { text: [hidden.text, rest.text].filter(Boolean).join('\n'), cut: rest.cut }
}

export async function diff(worktree: string, args: readonly string[], maxCharacters: number): Promise<DiffText> {
  const result = await git(worktree, ['diff', ...args], { maxCharacters })
  if (!result.ok && !result.cut) throw new GitError(`git diff: ${result.stderr}`)
  const end = result.cut ? result.stdout.lastIndexOf('\n') : result.stdout.length
  return { text: result.stdout.slice(0, end), cut: result.cut }
}
