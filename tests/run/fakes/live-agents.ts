import type { AgentId, WpId } from '../../../src/core/ids.ts'
import type { ProcessIdentity, Role } from '../../../src/core/work-package/work-package.ts'
import type { AgentReport } from '../../../src/run/attempts/agent.ts'
import type {
  AdoptRequest,
  AgentEnd,
  AttemptOutcome,
  AttemptRequest,
  CheckRequest,
  Leftovers,
  RunAgent,
  RunCheck,
} from '../../../src/run/ports.ts'
import type { Incarnation } from './incarnation.ts'
import { head, type MemoryGit } from './memory-git.ts'
import type { MemoryHost } from './memory-host.ts'
import type { MemoryStore } from './memory-store.ts'
import { type Action, type Behaviour, trueVerdict, withEarlier } from './scripted-agents.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface LiveAgent {
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly worktree: string
  readonly resumeSession: string | null
  readonly action: Action
}

export interface FinishedAttempt {
  readonly request: AttemptRequest
  readonly prompt: string
  readonly interrupted: boolean
}

export interface LiveAgents {
  /** The processes that exist now, also those whose orchestrator died. */
  readonly live: ReadonlySet<LiveAgent>
  readonly finished: readonly FinishedAttempt[]
  /** The most that were live at once. */
  most(): number
  /** WP and commit of every answer that really was an approval. */
  readonly approvals: ReadonlySet<string>
  /** Called when an agent is about to start; the others are in `live`. */
  onStart: (agent: LiveAgent) => void
  /** The machine restarts: every process is gone, and none has reported how it ended. */
  reboot(): Promise<void>
  port(life: Incarnation): RunAgent
  leftovers(life: Incarnation): Leftovers
  checks(life: Incarnation): RunCheck
}

/** One process of the world and, once it has ended, what it left on disk. */
interface AgentProcess {
  readonly me: LiveAgent
  readonly identity: ProcessIdentity
  readonly sessionId: string
  /** Aborted: it was stopped. */
  readonly stop: AbortController
  readonly outcome: Promise<AttemptOutcome>
}

interface Surroundings {
  readonly git: MemoryGit
  readonly host: MemoryHost
  readonly store: MemoryStore
  readonly time: VirtualTime
  readonly random: () => number
  readonly behave: Behaviour
  /** What a check does, and its exit code. */
  readonly check: (request: CheckRequest) => number
}

/** The agents of the world: processes that live in it, whatever started them. */
export function createLiveAgents({ git, host, store, time, random, behave, check }: Surroundings): LiveAgents {
  const live = new Set<LiveAgent>()
  const finished: FinishedAttempt[] = []
  const processes = new Map<string, AgentProcess>()
  const lastSigns = new Map<string, number>()
  const approvals = new Set<string>()
  let most = 0
  let lastPid = 1000

  const change = ({ wpId, role, worktree: path, action }: LiveAgent): void => {
    const worktree = git.at(path)
    const by = `${wpId} ${role}`
    if (action.change === 'dirty') {
      worktree.dirtyBy = by
      worktree.dirtyTree = action.tree ?? null
    }
    if (action.change === 'commit' || action.change === 'other-branch') git.commit(worktree, by, action.tree)
    if (action.change === 'other-branch') worktree.checkedOut = 'elsewhere'
    if (action.marksSubtasks) host.mark(wpId)
  }

  /** An agent that is killed may have done nothing yet, half of it, or all. */
  const killed = (agent: LiveAgent): void => {
    const { worktree: path, action, wpId, role } = agent
    const luck = random()
    if (action.change === 'none' || luck < 1 / 3) return
    if (luck < 2 / 3) git.at(path).dirtyBy = `${wpId} ${role}`
    else change(agent)
  }

  const attemptsBefore = ({ wpId, role, cycle, attempt }: AttemptRequest): number =>
    store
      .record(wpId)
      .attempts.filter(
        ({ number, result, ...other }) =>
          number !== attempt && other.role === role && other.cycle === cycle && result?.kind !== 'interrupted',
      ).length

  const agents: LiveAgents = {
    live,
    finished,
    approvals,
    most: () => most,
    onStart: () => {},
    checks: life => async (request, signal) => {
      await life.pass()
      await time.delay(10_000, signal)
      if (!life.alive()) return new Promise<never>(() => {})
      if (signal.aborted) return { kind: 'interrupted' }
      const exitCode = check(request)
      const result = { command: request.command, exitCode, output: `exit ${exitCode}`, log: request.logFile }
      return { kind: 'ended', result, elapsedMs: 10_000 }
    },
    port: life => async (request, control) => {
      await life.pass()
      const started = begin(request)
      await control.onSpawn(started.identity)
      return seenBy(life, started, control.signal)
    },
    reboot: async () => {
      for (const other of processes.values()) other.stop.abort()
      await Promise.all([...processes.values()].map(other => other.outcome))
      processes.clear()
    },
    leftovers: life => {
      const adopted = new Set<AgentProcess>()
      const find = ({ wpId, attempt }: AdoptRequest) => processes.get(`${wpId} ${attempt}`)
      return {
        adopt: (request, control) => {
          const found = find(request)
          if (!found || found.stop.signal.aborted) return null
          adopted.add(found)
          if (request.process === null) void control.onSpawn(found.identity)
          return {
            running: live.has(found.me),
            worktree: found.me.worktree,
            outcome: seenBy(life, found, control.signal),
          }
        },
        sessionOf: request => find(request)?.sessionId ?? null,
        lastSignOf: ({ wpId, attempt }) => lastSigns.get(`${wpId} ${attempt}`) ?? null,
        reap: async () => {
          await life.pass()
          const left = [...processes.values()].filter(other => live.has(other.me) && !adopted.has(other))
          for (const other of left) other.stop.abort()
          await Promise.all(left.map(other => other.outcome))
          return left.length
        },
      }
    },
  }

  /** A process lives on in the world, whatever becomes of its parent. */
  const begin = (request: AttemptRequest): AgentProcess => {
    const action = behave(request, attemptsBefore(request))
    const me: LiveAgent = { ...request, action }
    agents.onStart(me)
    live.add(me)
    most = Math.max(most, live.size)
    lastPid += 1
    const sessionId = action.report.sessionId ?? request.resumeSession ?? `session-${lastPid}`
    const stop = new AbortController()
    const outcome = work(me, request, sessionId, stop.signal)
    const started = { me, identity: { pid: lastPid, startTime: '1', bootId: 'b' }, sessionId, stop, outcome }
    processes.set(`${request.wpId} ${request.attempt}`, started)
    return started
  }

  const work = async (
    me: LiveAgent,
    request: AttemptRequest,
    sessionId: string,
    stopped: AbortSignal,
  ): Promise<AttemptOutcome> => {
    const { action } = me
    const began = time.passed()
    const seen = head(git.at(request.worktree))
    await time.delay(action.ms, stopped)
    const interrupted = stopped.aborted
    if (interrupted) killed(me)
    else change(me)
    live.delete(me)
    lastSigns.set(`${request.wpId} ${request.attempt}`, time.clock.now())
    if (!interrupted && trueVerdict(action) === 'approved') approvals.add(`${request.wpId} ${seen}`)
    finished.push({ request, prompt: new TextDecoder().decode(request.prompt), interrupted })
    const end: AgentEnd = interrupted ? { kind: 'aborted' } : action.end
    const elapsedMs = time.passed() - began
    const report = withEarlier(reported(action, time.clock.now()), new TextDecoder().decode(request.prompt))
    return { end, report: { ...report, sessionId }, elapsedMs }
  }

  const seenBy = async (life: Incarnation, { stop, outcome }: AgentProcess, signal: AbortSignal) => {
    const onAbort = () => stop.abort()
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    const ended = await outcome
    signal.removeEventListener('abort', onAbort)
    await life.pass()
    return ended
  }

  return agents
}

/** A limit that ends so long after it was met. */
function reported({ report, resetsInMs }: Action, now: number): AgentReport {
  if (report.ok || resetsInMs === undefined) return report
  return { ...report, failure: { ...report.failure, resetAt: new Date(now + resetsInMs).toISOString() } }
}
