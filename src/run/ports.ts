import type { CooldownKey } from '../core/agent/cooldown.ts'
import type { FailureClass } from '../core/agent/failure.ts'
import type { Entry } from '../core/explain/entry.ts'
import type { AgentId, WpId } from '../core/ids.ts'
import type { FinishProgress, RunStart } from '../core/mission/finish-progress.ts'
import type { Strayed } from '../core/repository/strayed.ts'
import type { CommitAt } from '../core/work-package/made-by.ts'
import type { TreeAt } from '../core/work-package/own-work.ts'
import type {
  Attempt,
  CheckResult,
  ProcessIdentity,
  Role,
  StashCrossing,
  WpRecord,
} from '../core/work-package/work-package.ts'
import type { AgentReport } from './attempts/agent.ts'
import type { Clock } from './clock.ts'
import type { EventBody } from './events/event.ts'
import type { Commits } from './finish/commits.ts'
import type { HostClient } from './host/host-client.ts'
import type { MainCheckout } from './mission/main-checkout.ts'

/** All effects of a run. `cli/` builds the real ones; tests and the simulator pass fakes. */
export interface Ports {
  readonly host: HostClient
  readonly runAgent: RunAgent
  readonly leftovers: Leftovers
  readonly runCheck: RunCheck
  readonly workspace: Workspace
  readonly commits: Commits
  readonly mainCheckout: MainCheckout
  readonly store: Store
  readonly clock: Clock
  readonly report: (event: EventBody) => void
  /** Keeps an entry for `sko explain`. A disk that fails does not end a run through it. */
  readonly record: (entry: Entry) => void
}

export type RunAgent = (request: AttemptRequest, control: AttemptControl) => Promise<AttemptOutcome>

/** What to do on which commit. Only `worktree` depends on this machine. */
export interface AttemptRequest {
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
  readonly cycle: number
  /** Bytes, not text: a WP file may not be valid UTF-8. */
  readonly prompt: Uint8Array
  readonly worktree: string
  readonly timeoutSeconds: number
  readonly inactivitySeconds: number
  /** The session of this agent to continue; null for a new one. */
  readonly resumeSession: string | null
}

export interface AttemptControl {
  /** Aborted on shutdown: the agent's processes are stopped, TERM first. */
  readonly signal: AbortSignal
  /** Called once, right after the spawn; the identity must be durable before anything else is awaited. */
  readonly onSpawn: (process: ProcessIdentity) => Promise<void>
  /** Called once per silence, at half of `inactivitySeconds`. */
  readonly onQuiet: (quietSeconds: number) => void
}

/** The agents that an earlier process of this run started and did not see the end of. */
export interface Leftovers {
  /** Takes over the agent of an attempt; null when it is not running and left no exit status. */
  adopt(request: AdoptRequest, control: AttemptControl): AdoptedAgent | null
  /** The session of an attempt whose end was not seen, if its CLI reported one. */
  sessionOf(request: AdoptRequest): string | null
  /** When it last wrote to its logs, in milliseconds since the epoch; null: never. */
  lastSignOf(request: AdoptRequest): number | null
  /** Ends all other processes that the run left running. Returns their number. */
  reap(): Promise<number>
}

/** Names the attempt as it was begun; `process` is null when we died before it was recorded. */
export interface AdoptRequest
  extends Pick<AttemptRequest, 'wpId' | 'role' | 'agent' | 'attempt' | 'cycle'>,
    Pick<Attempt, 'process' | 'startedAt'> {}

export interface AdoptedAgent {
  /** False when it ended while sko was not running. */
  readonly running: boolean
  readonly worktree: string
  readonly outcome: Promise<AttemptOutcome>
}

export type RunCheck = (request: CheckRequest, signal: AbortSignal) => Promise<CheckOutcome>

/** One of the user's `checks`, by `sh -c`, in the lane worktree. */
export interface CheckRequest {
  readonly wpId: WpId
  readonly command: string
  readonly worktree: string
  /** Absolute path for stdout and stderr. */
  readonly logFile: string
  readonly timeoutSeconds: number
}

export type CheckOutcome =
  | { readonly kind: 'ended'; readonly result: CheckResult; readonly elapsedMs: number }
  /** sko was stopped while it ran: there is no result. */
  | { readonly kind: 'interrupted' }
  /** The system could not start it, which says nothing about the work. */
  | { readonly kind: 'not-started'; readonly message: string }

export interface AttemptOutcome {
  readonly end: AgentEnd
  readonly report: AgentReport
  readonly elapsedMs: number
  /** Stash entries of other worktrees that it applied; absent: none. */
  readonly stash?: readonly StashCrossing[]
  /** What changed in the main checkout during the attempt; absent: nothing. */
  readonly strayed?: Strayed
  readonly settings?: NonNullable<Attempt['settings']>
}

/** How the agent's process ended. */
export type AgentEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly seconds: number }
  | { readonly kind: 'stalled'; readonly seconds: number }
  /** It printed more than this. */
  | { readonly kind: 'log-full'; readonly bytes: number }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'spawn-failed'; readonly reason: SpawnFailureReason; readonly message: string }

/** `refused`: the system does not execute this program, or not with these arguments. `other`: not the program's fault. */
export type SpawnFailureReason = 'missing-program' | 'refused' | 'other'

/** git inside one lane worktree, and nowhere else. Paths come from the host; paths outside the repository are refused. */
export interface Workspace {
  inspect(worktree: string): Promise<WorktreeState>
  /** Commits everything that is not ignored. Returns HEAD afterwards, also when there was nothing to commit. */
  commitAll(worktree: string, message: string): Promise<string>
  /** Text of `git diff --stat base head`, at most 100 lines. */
  diffStat(worktree: string, base: string, head: string): Promise<string>
  /** Changed text files that `git diff` hides, because of an attribute or a setting. */
  hiddenChanges(worktree: string, base: string, head: string): Promise<readonly string[]>
  /** `git diff base head`, whole lines of at most `maxCharacters`, with `hiddenChanges` as text; or only these. */
  diff(worktree: string, base: string, head: string, maxCharacters: number, only?: 'hidden'): Promise<DiffText>
  /** `git log --oneline base..head`, newest first, at most 50 lines. */
  log(worktree: string, base: string, head: string): Promise<string>
  /** Paths that differ between two commits, relative to the worktree. */
  changedFiles(worktree: string, base: string, head: string): Promise<readonly string[]>
  /** `base` and the first-parent history up to HEAD, oldest first, HEAD always last, each with its tree. */
  history(worktree: string, base: string): Promise<readonly TreeAt[]>
  /** How many commits of HEAD, merges aside, are in none of `commits` and on no other branch. */
  ownCommitsSince(worktree: string, commits: readonly string[]): Promise<number>
  /**
   * Checks the lane branch out again and fast-forwards it to commits made elsewhere. Returns false when that is not a
   * fast-forward; the commits then stay where they are. The tree must be clean.
   */
  returnToBranch(worktree: string, branch: string): Promise<boolean>
  /** Whether `commit` is `of` or one of its ancestors; false when git does not know it. */
  isAncestor(worktree: string, commit: string, of: string): Promise<boolean>
  /** Where the lane left `ref`; null when git cannot tell. */
  mergeBase(worktree: string, ref: string): Promise<string | null>
  /** Files whose changes git is set to ignore (`skip-worktree`, `assume-unchanged`), so that no commit contains them. */
  hiddenFiles(worktree: string): Promise<readonly string[]>
  /** New links to other repositories, and repositories without a commit: a merge does not include their content. */
  danglingLinks(worktree: string, base: string, head: string): Promise<readonly DanglingLink[]>
  /** The commits from `base` to HEAD, oldest first; null when `base` is not an ancestor of HEAD. */
  commitsSince(worktree: string, base: string): Promise<readonly CommitAt[] | null>
  /** Keeps the whole worktree and the commits of repositories inside it. Changes nothing there. */
  keep(worktree: string, as: Omit<KeepAs, 'patchFile'>): Promise<string>
  /** Puts the tree back to `at`. First keeps what this would lose; if that fails, throws and changes nothing. */
  restore(
    worktree: string,
    at: { readonly head: string; readonly branch: string | null },
    as: KeepAs,
  ): Promise<KeptChange>
  /** Removes an incomplete lane worktree of a killed host call, if everything in it exists elsewhere. */
  removeHalfMade(worktree: string, baseRef: string | null): Promise<boolean>
  /** Why nothing can be written there, such as a full disk; null when no reason is known. */
  whyNoRoom(worktree: string): Promise<string | null>
  /** The WP file, whose path the host returned. */
  readPrompt(path: string): Promise<Uint8Array>
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

export interface DiffText {
  readonly text: string
  /** True when the text was cut. */
  readonly cut: boolean
}

export type WorktreeState =
  | { readonly kind: 'ready'; readonly head: string; readonly dirty: boolean; readonly branch: string | null }
  | { readonly kind: 'missing' }

export interface Store {
  /** The records of all WPs that have one, as last saved. */
  records(): readonly WpRecord[]
  saveWorkPackage(record: WpRecord): Promise<void>
  /** null removes the cooldown. */
  saveCooldown(key: CooldownKey, cooldown: Cooldown | null): Promise<void>
  saveFinish(progress: FinishProgress): Promise<void>
  /** Makes the folder of a WP's files. Throws `attempt-unwritable` when something else is in its place. */
  prepareFiles(wpId: WpId): void
  /** null before it is recorded. */
  start(): RunStart | null
  saveStart(start: RunStart): Promise<void>
  /** Absolute path prefix of an attempt's files: `<logs>/<WP>/<role>-c<cycle>-a<attempt>`. */
  attemptFiles(wpId: WpId, attempt: Pick<Attempt, 'role' | 'cycle' | 'number'>): string
  /** Absolute path of the host's answer to the acceptance: `<logs>/accept-mission.json`. */
  acceptanceFile(): string
}

/** No WP uses an agent at its limit until then, also after a restart. */
export interface Cooldown {
  /** ISO 8601 */
  readonly until: string
  readonly class: FailureClass
  readonly reason: string
  /** Number in a row, for the growing pause when no reset time is stated. */
  readonly count: number
  /** Total of all pauses for this limit since it began, up to `until`. */
  readonly waitedMs: number
}
