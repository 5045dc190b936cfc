import { quote } from '../text.ts'

/** The state of the main checkout at one time, without the host's own files. */
export interface MainLook {
  readonly head: string
  /** null for a detached HEAD. */
  readonly branch: string | null
  /** Changed and untracked files, each with a value that identifies its content. */
  readonly files: ReadonlyMap<string, string>
  /** Branches, tags and remote branches, without those of the host, of sko, and the one checked out here. */
  readonly refs: ReadonlyMap<string, string>
}

/** What changed outside its worktree while an attempt ran. Who did it is not known. */
export interface Strayed {
  /** The main checkout. */
  readonly main: string
  readonly files: readonly string[]
  /** What else changed, such as `branch work -> topic` or `refs/tags/v1`. */
  readonly refs: readonly string[]
  /** True when no other attempt of the run ran at the same time. */
  readonly alone: boolean
  /** A copy of the main checkout afterwards, as a commit; null when there was nothing to keep or it failed. */
  readonly kept: string | null
  /** Commits were added to its branch that change more than the host's own files; absent: none. */
  readonly moved?: { readonly from: string; readonly to: string }
}

/** `committed`: files that differ between the two commits, without the host's. */
export function differencesIn(
  before: MainLook,
  after: MainLook,
  committed: readonly string[],
): Pick<Strayed, 'files' | 'refs'> {
  const files = [...differing(before.files, after.files), ...committed]
  const switched = before.branch === after.branch ? [] : [`branch ${nameOf(before)} -> ${nameOf(after)}`]
  return {
    files: [...new Set(files)].toSorted(),
    refs: [...switched, ...differing(before.refs, after.refs).filter(ref => !isCheckedOut(ref, before, after))],
  }
}

/** Each checked-out branch is left out of its own look, so a switch alone would show both. */
function isCheckedOut(ref: string, ...looks: readonly MainLook[]): boolean {
  return looks.some(({ branch }) => ref === `refs/heads/${branch}`)
}

function nameOf({ branch }: MainLook): string {
  return branch ?? '(none)'
}

function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(key => before.get(key) !== after.get(key))
}

const mostNames = 10

export function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map(name => quote(name, 200))
  return [...shown, ...(names.length > mostNames ? [`and ${names.length - mostNames} more`] : [])].join(', ')
}

/** Text to append to the reason of an attempt that changed nothing in its worktree; may be empty. */
export function strayedReason(strayed: Strayed | undefined): string {
  if (!strayed || strayed.files.length === 0) return ''
  return `; meanwhile these files changed in the main checkout ${strayed.main}, whether this agent or someone else changed them: ${namesOf(strayed.files)}`
}

/** For the next attempt, which may be another agent. */
export function strayedSection(strayed: Strayed | undefined, worktree: string): string {
  if (!strayed || strayed.files.length === 0) return ''
  const { main, files, alone, kept } = strayed
  const others = alone ? '' : ', and so did attempts on other work packages'
  const copy = kept === null ? '' : `\nA copy of them is in git: git show ${kept}:<file>`
  return `
## Files outside your worktree

While the last attempt on this work package ran${others}, these files changed in the main checkout, which is not where you
work: ${namesOf(files)}

If they were meant for this work package, the changes went to ${main}, not to your worktree ${worktree}: make them again
in the worktree, and leave the main checkout as it is.${copy}
`
}
