import type { CooldownKey } from '../core/agent/cooldown.ts'
import type { FailureClass } from '../core/agent/failure.ts'
import type { Entry } from '../core/explain/entry.ts'
import type { CheckResult } from '../core/gate/check-result.ts'
import type { AgentId, WpId } from '../core/ids.ts'
import type { FinishProgress, RunStart } from '../core/mission/finish-progress.ts'
import type { StashCrossing } from '../core/repository/stashed-elsewhere.ts'
import type { Strayed } from '../core/repository/strayed.ts'
import type { Attempt, ProcessIdentity, Role, WpRecord } from '../core/work-package/work-package.ts'
import type { AgentReport } from './attempts/agent.ts'
import type { Clock } from './clock.ts'
import type { EventBody } from './events/event.ts'
import type { Commits } from './finish/commits.ts'
import type { Combining } from './gate/combining.ts'
import type { Workspace } from './git/workspace.ts'
import type { HostClient } from './host/host-client.ts'
import type { MainCheckout } from './mission/main-checkout.ts'
import type { Recorder } from './record/recorder.ts'

/** All effects of a run. `cli/` builds the real ones; tests and the simulator pass fakes. */
export interface Ports {
  readonly host: HostClient
  readonly runAgent: RunAgent
  readonly leftovers: Leftovers
  readonly runCheck: RunCheck
  readonly workspace: Workspace
  readonly commits: Commits
  readonly mainCheckout: MainCheckout
  readonly recorder: Recorder
  readonly combining: Combining
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
  /** The model that the WP asks for, where none is configured; null: none. */
  readonly wpModel: string | null
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

/** One of the user's `checks`, by `sh -c`. */
export interface CheckRequest {
  /** null: of the combined result of all lanes. */
  readonly wpId: WpId | null
  readonly command: string
  /** The lane worktree, or where the combined result is laid out. */
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
  /** Absolute path prefix of the logs of the checks of one combined result; makes their folder. */
  combinedFiles(tree: string): string
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
