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

/** Everything the run does to the world. `cli/` builds the real ones; tests and the simulator pass fakes. */
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

/** Names what to do on which commit; nothing here but `worktree` knows this machine. */
export interface AttemptRequest {
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
  readonly cycle: number
  /** Bytes, not text: a WP file may hold what no string keeps. */
  readonly prompt: Uint8Array
  readonly worktree: string
  readonly timeoutSeconds: number
  readonly inactivitySeconds: number
  /** A session of this agent to go on with; null: a new one. */
  readonly resumeSession: string | null
}

export interface AttemptControl {
  /** Aborted on shutdown: the agent's processes are ended, TERM first. */
  readonly signal: AbortSignal
  /** Called once, right after the spawn; the identity must be durable before anything else is awaited. */
  readonly onSpawn: (process: ProcessIdentity) => Promise<void>
  /** Called once per silence, at half of `inactivitySeconds`. */
  readonly onQuiet: (quietSeconds: number) => void
}

/** The agents that an earlier process of this run started and did not see the end of. */
export interface Leftovers {
  /** Takes over the agent of an attempt; null: it neither runs nor has told how it ended. */
  adopt(request: AdoptRequest, control: AttemptControl): AdoptedAgent | null
  /** The session of an attempt whose end nobody saw, as far as its CLI named it. */
  sessionOf(request: AdoptRequest): string | null
  /** When it last wrote to its logs, in milliseconds since the epoch; null: never. */
  lastSignOf(request: AdoptRequest): number | null
  /** Ends all else that the run left running. Returns how many processes there were. */
  reap(): Promise<number>
}

/** Names the attempt as it was begun; `process` is null when we died before it was recorded. */
export interface AdoptRequest
  extends Pick<AttemptRequest, 'wpId' | 'role' | 'agent' | 'attempt' | 'cycle'>,
    Pick<Attempt, 'process' | 'startedAt'> {}

export interface AdoptedAgent {
  /** False: it ended while nobody looked. */
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
  /** Absolute; both its outputs go there. */
  readonly logFile: string
  readonly timeoutSeconds: number
}

export type CheckOutcome =
  | { readonly kind: 'ended'; readonly result: CheckResult; readonly elapsedMs: number }
  /** We were stopped while it ran: it says nothing. */
  | { readonly kind: 'interrupted' }
  /** The system did not let it begin, which is nothing against the work. */
  | { readonly kind: 'not-started'; readonly message: string }

export interface AttemptOutcome {
  readonly end: AgentEnd
  readonly report: AgentReport
  readonly elapsedMs: number
  /** Stash entries of other worktrees that it applied; absent: none. */
  readonly stash?: readonly StashCrossing[]
  /** What changed meanwhile in the main checkout; absent: nothing. */
  readonly strayed?: Strayed
  readonly settings?: NonNullable<Attempt['settings']>
}

/** How the agent's process ended. */
export type AgentEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly seconds: number }
  | { readonly kind: 'stalled'; readonly seconds: number }
  /** It printed more than so much. */
  | { readonly kind: 'log-full'; readonly bytes: number }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'spawn-failed'; readonly reason: SpawnFailureReason; readonly message: string }

/** `refused`: the system does not execute this program, or not with these arguments. `other`: nothing against it. */
export type SpawnFailureReason = 'missing-program' | 'refused' | 'other'

/** git inside one lane worktree, and nowhere else; paths come from the host and are refused outside the repository. */
export interface Workspace {
  inspect(worktree: string): Promise<WorktreeState>
  /** Commits everything that is not ignored. Returns HEAD afterwards, also when there was nothing to commit. */
  commitAll(worktree: string, message: string): Promise<string>
  /** Text of `git diff --stat base head`, at most 100 lines. */
  diffStat(worktree: string, base: string, head: string): Promise<string>
  /** Changed files of text of which `git diff` shows nothing, because an attribute or a setting says so. */
  hiddenChanges(worktree: string, base: string, head: string): Promise<readonly string[]>
  /** `git diff base head`, whole lines of at most `maxCharacters`, with `hiddenChanges` as text; or only these. */
  diff(worktree: string, base: string, head: string, maxCharacters: number, only?: 'hidden'): Promise<DiffText>
  /** `git log --oneline base..head`, newest first, at most 50 lines. */
  log(worktree: string, base: string, head: string): Promise<string>
  /** Paths that differ between two commits, relative to the worktree. */
  changedFiles(worktree: string, base: string, head: string): Promise<readonly string[]>
  /** `base` and what HEAD has beyond it along first parents, oldest first and HEAD always last, each with its tree. */
  history(worktree: string, base: string): Promise<readonly TreeAt[]>
  /** How many commits of HEAD, merges aside, are in none of `commits` and on no other branch. */
  ownCommitsSince(worktree: string, commits: readonly string[]): Promise<number>
  /**
   * Puts the worktree back on its lane branch, which takes over commits made elsewhere where that is a fast-forward.
   * False: it is not, and they stay where they were made. The tree must be clean.
   */
  returnToBranch(worktree: string, branch: string): Promise<boolean>
  /** Whether `commit` is `of`, or one of those before it; false when git does not know it. */
  isAncestor(worktree: string, commit: string, of: string): Promise<boolean>
  /** Where the lane left `ref`; null when git cannot tell. */
  mergeBase(worktree: string, ref: string): Promise<string | null>
  /** Files that git was told not to look at (`skip-worktree`, `assume-unchanged`), so that no commit takes them. */
  hiddenFiles(worktree: string): Promise<readonly string[]>
  /** Links to other repositories, new between two commits, and repositories without a commit: a merge brings none of their content along. */
  danglingLinks(worktree: string, base: string, head: string): Promise<readonly DanglingLink[]>
  /** What HEAD has and `base` has not, oldest first; null: `base` is not before HEAD. */
  commitsSince(worktree: string, base: string): Promise<readonly CommitAt[] | null>
  /** Keeps all that is in the worktree, and the commits of repositories inside it; changes nothing there. */
  keep(worktree: string, as: Omit<KeepAs, 'patchFile'>): Promise<string>
  /** Puts the tree back to `at`. What is lost by it is kept first; where it cannot be, throws and changes nothing. */
  restore(
    worktree: string,
    at: { readonly head: string; readonly branch: string | null },
    as: KeepAs,
  ): Promise<KeptChange>
  /** Removes a lane worktree that a killed host call left half-made, if nothing in it exists nowhere else. */
  removeHalfMade(worktree: string, baseRef: string | null): Promise<boolean>
  /** Why nothing can be written there, such as a full disk; null: as far as is known something can. */
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
  /** A patch of it goes there, if one can be made that applies. */
  readonly patchFile: string
}

export interface KeptChange {
  /** `git diff <since> <ref>` shows it. */
  readonly ref: string
  readonly since: string
  /** null: only the ref has it. */
  readonly patch: string | null
}

export interface DanglingLink {
  /** Relative to the worktree. */
  readonly path: string
  /** A clause that follows the path. */
  readonly why: string
  /** The command with which a person puts it right, once what is there is kept; null: none is known. */
  readonly cure: string | null
}

export interface DiffText {
  readonly text: string
  /** There is more of it. */
  readonly cut: boolean
}

export type WorktreeState =
  | { readonly kind: 'ready'; readonly head: string; readonly dirty: boolean; readonly branch: string | null }
  | { readonly kind: 'missing' }

export interface Store {
  /** Of all WPs that have one, as last saved. */
  records(): readonly WpRecord[]
  saveWorkPackage(record: WpRecord): Promise<void>
  /** null: it works again. */
  saveCooldown(key: CooldownKey, cooldown: Cooldown | null): Promise<void>
  saveFinish(progress: FinishProgress): Promise<void>
  /** Makes the folder of a WP's files. Throws `attempt-unwritable` where something else is in its place. */
  prepareFiles(wpId: WpId): void
  /** null: not recorded yet. */
  start(): RunStart | null
  saveStart(start: RunStart): Promise<void>
  /** Absolute path prefix of an attempt's files: `<logs>/<WP>/<role>-c<cycle>-a<attempt>`. */
  attemptFiles(wpId: WpId, attempt: Pick<Attempt, 'role' | 'cycle' | 'number'>): string
  /** Absolute path of what the host says to the acceptance: `<logs>/accept-mission.json`. */
  acceptanceFile(): string
}

/** An agent at its limit is left alone until then, by every WP, also after a restart. */
export interface Cooldown {
  /** ISO 8601 */
  readonly until: string
  readonly class: FailureClass
  readonly reason: string
  /** How many in a row, for the growing pause where no reset time is stated. */
  readonly count: number
  /** All pauses for this limit since it began, up to `until`. */
  readonly waitedMs: number
}
