import type { WpId } from '../../core/ids.ts'
import type { ChangedIn } from '../../core/judgement/settle.ts'
import type { TreeChange } from '../../core/work-package/lost.ts'
import type { CommitAt } from '../../core/work-package/made-by.ts'
import type { TreeAt } from '../../core/work-package/own-work.ts'
import type { GitOutcome } from './git-outcome.ts'

/** git inside one lane worktree, and nowhere else. Paths come from the host; paths outside the repository are refused. */
export interface Workspace {
  inspect(worktree: string): Promise<GitOutcome<WorktreeState>>
  /**
   * Commits everything that is not ignored. Returns HEAD afterwards, also when there was nothing to commit. `found`: the
   * worktree was inspected just now.
   */
  commitAll(worktree: string, message: string, found?: WorktreeState): Promise<GitOutcome<string>>
  /** Text of `git diff --stat base head`, at most 100 lines. */
  diffStat(worktree: string, base: string, head: string): Promise<GitOutcome<string>>
  /** Changed text files that `git diff` hides, because of an attribute or a setting. */
  hiddenChanges(worktree: string, base: string, head: string): Promise<GitOutcome<readonly string[]>>
  /** `git diff base head`, whole lines of at most `maxCharacters`, with `hiddenChanges` as text; or only these. */
  diff(
    worktree: string,
    base: string,
    head: string,
    maxCharacters: number,
    only?: 'hidden',
  ): Promise<GitOutcome<DiffText>>
  /**
   * `git diff --unified=0` of these files, renames found, as text whatever an attribute says: whole lines of at most
   * `maxCharacters`.
   */
  bareDiff(
    worktree: string,
    base: string,
    head: string,
    files: readonly string[],
    maxCharacters: number,
  ): Promise<GitOutcome<DiffText>>
  /** `git log --oneline base..head`, newest first, at most 50 lines. */
  log(worktree: string, base: string, head: string): Promise<GitOutcome<string>>
  /** What differs between two commits, with paths as text, relative to the worktree. */
  changes(worktree: string, base: string, head: string): Promise<GitOutcome<readonly TreeChange[]>>
  /** How many lines files of a commit have, by the path that was asked for; no entry: it is no file of that commit. */
  lineCounts(
    worktree: string,
    commit: string,
    paths: readonly string[],
  ): Promise<GitOutcome<ReadonlyMap<string, LineCount>>>
  /** Which lines of these files of `head` differ from `base`; no entry: none. */
  changedLines(
    worktree: string,
    base: string,
    head: string,
    paths: readonly string[],
  ): Promise<GitOutcome<ReadonlyMap<string, ChangedIn>>>
  /** `base` and the first-parent history up to `head` (HEAD unless given), oldest first, `head` always last. */
  history(worktree: string, base: string, head?: string): Promise<GitOutcome<readonly TreeAt[]>>
  /** How many commits of HEAD, merges aside, are in none of `commits` and on no other branch. */
  ownCommitsSince(worktree: string, commits: readonly string[]): Promise<GitOutcome<number>>
  /**
   * Checks the lane branch out again and fast-forwards it to commits made elsewhere. Returns false when that is not a
   * fast-forward; the commits then stay where they are. The tree must be clean.
   */
  returnToBranch(worktree: string, branch: string): Promise<GitOutcome<boolean>>
  /** Whether `commit` is `of` or one of its ancestors; false when git does not know it. */
  isAncestor(worktree: string, commit: string, of: string): Promise<GitOutcome<boolean>>
  /** Where the lane left `ref`; null when git cannot tell. */
  mergeBase(worktree: string, ref: string): Promise<GitOutcome<string | null>>
  /** Files whose changes git is set to ignore (`skip-worktree`, `assume-unchanged`), so that no commit contains them. */
  hiddenFiles(worktree: string): Promise<GitOutcome<readonly string[]>>
  /** New links to other repositories: a merge does not include their content. */
  danglingLinks(worktree: string, base: string, head: string): Promise<GitOutcome<readonly DanglingLink[]>>
  /** The same for repositories in it without a commit. While there is one, the worktree is dirty. */
  unbornRepositories(worktree: string): Promise<GitOutcome<readonly DanglingLink[]>>
  /** The commits from `base` to HEAD, oldest first; null when `base` is not an ancestor of HEAD. */
  commitsSince(worktree: string, base: string): Promise<GitOutcome<readonly CommitAt[] | null>>
  /** Keeps the whole worktree and the commits of repositories inside it. Changes nothing there. */
  keep(worktree: string, as: Omit<KeepAs, 'patchFile'>): Promise<GitOutcome<string>>
  /** Puts the tree back to `at`. First keeps what this would lose; if that fails, throws and changes nothing. */
  restore(
    worktree: string,
    at: { readonly head: string; readonly branch: string | null },
    as: KeepAs,
  ): Promise<GitOutcome<KeptChange>>
  /** Removes an incomplete lane worktree of a killed host call, if everything in it exists elsewhere. */
  removeHalfMade(worktree: string, baseRef: string | null): Promise<GitOutcome<boolean>>
  /** Why nothing can be written there, such as a full disk; null when no reason is known. */
  whyNoRoom(worktree: string): Promise<GitOutcome<string | null>>
  /** The WP file, whose path the host returned. */
  readPrompt(path: string): Promise<GitOutcome<Uint8Array>>
}

export interface KeepAs {
  readonly wpId: WpId
  /** For a person: "its reviewer changed files". */
  readonly why: string
  /** For programs, one word. */
  readonly reason: string
  /** Path for a patch, if one can be made that applies. */
  readonly patchFile: string
}

export interface KeptChange {
  /** `git diff <since> <ref>` shows it. */
  readonly ref: string
  readonly since: string
  /** null when only the ref has it. */
  readonly patch: string | null
}

export interface DanglingLink {
  /** Relative to the worktree. */
  readonly path: string
  /** A clause that follows the path. */
  readonly why: string
  /** The command that fixes it after the content was kept; null when none is known. */
  readonly cure: string | null
}

export interface LineCount {
  /** As git has it: on a system that ignores case it may differ from the one that was asked for. */
  readonly path: string
  readonly lines: number
}

export interface DiffText {
  readonly text: string
  /** True when the text was cut. */
  readonly cut: boolean
}

export type ReadyWorktree = Extract<WorktreeState, { kind: 'ready' }>
export type WorktreeState =
  | { readonly kind: 'ready'; readonly head: string; readonly dirty: boolean; readonly branch: string | null }
  | { readonly kind: 'missing' }
