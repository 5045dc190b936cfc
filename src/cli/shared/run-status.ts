import { join } from 'node:path'
import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import type { Used } from '../../core/budget/budget-words.ts'
import { isLaneId, type WpId } from '../../core/ids.ts'
import { shortFollowUps } from '../../core/judgement/follow-ups.ts'
import type { Finding } from '../../core/judgement/review.ts'
import { vouchingFor } from '../../core/judgement/vouching.ts'
import { afterAbort, nextAfterAbort } from '../../core/mission/after-abort.ts'
import { type GraphNode, lanesOf } from '../../core/mission/graph.ts'
import { laneName, satisfiesDependents } from '../../core/mission/lane.ts'
import { whyNotReady } from '../../core/mission/schedule.ts'
import { type NextCommand, resume } from '../../core/next-command.ts'
import { handover } from '../../core/work-package/handover.ts'
import { nextStep } from '../../core/work-package/lifecycle.ts'
import type { Step } from '../../core/work-package/step.ts'
import { newRecord, openAttempt, type WorkPackage } from '../../core/work-package/work-package.ts'
import { isAlive } from '../../process/table/identity.ts'
import { endInLog, wasPaused } from '../../report/event-log.ts'
import { createRunBudget } from '../../run/budget/budget.ts'
import type { Mission } from '../../run/mission/look.ts'
import type { Cooldown } from '../../run/ports.ts'
import type { LockOwner } from '../../state/lock-record.ts'
import type { RunEnd, RunPhase, RunState } from '../../state/schema.ts'
import { createStore, runLogsFolder } from '../../state/store.ts'
import { storedPool } from './stored-pool.ts'

export interface WpStatus {
  readonly wpId: string
  readonly lane: string
  readonly role: string | null
  readonly agent: string | null
  /** What its last attempt ran with; null: not known. */
  readonly cliVersion: string | null
  readonly model: string | null
  readonly configuredModel: string | null
  readonly attempt: number
  readonly cycle: number
  readonly elapsedMs: number | null
  /** What comes next for it, or why nothing does. */
  readonly step: string
  /** What a person can run for it, most likely first. */
  readonly next: readonly NextCommand[]
  readonly log: string | null
  /** It does not continue by itself. */
  readonly needsPerson: boolean
  /** Set when it needs attention: one line per attempt since the last retry, and the last findings. */
  readonly tried: readonly string[]
  readonly findings: readonly string[]
  /** Findings of its reviews that did not block. */
  readonly followUps: readonly Finding[]
}

/** What `sko status --json` prints. */
export interface RunStatus {
  readonly runId: string
  readonly mission: string
  readonly phase: RunPhase
  /** The pid of the live run; null when there is none. */
  readonly owner: number | null
  readonly paused: boolean
  /** How the last process of the run ended; null when it is running or when this is not known. */
  readonly end: RunEnd | null
  readonly used: readonly Used[]
  readonly cooldowns: Readonly<Record<string, Cooldown>>
  readonly workPackages: readonly WpStatus[]
}

/** Whether the lane is one before a review. */
function mayWait({ lane }: GraphNode): boolean {
  return lane === 'planned' || lane === 'in_progress'
}

/** From the saved state and the lanes that the host last reported. */
export function statusOf(
  kittify: string,
  state: RunState,
  config: Config,
  owner: LockOwner | null,
  mission: Mission,
): RunStatus {
  const store = createStore(kittify, state)
  const pool = storedPool(store, config)
  const agents = { implementation: pool.facts('implementation'), review: pool.facts('review') }
  const now = systemClock.now()
  const budget = createRunBudget({
    config,
    records: store.records(),
    runStartedAt: state.startedAt,
    activeMs: () => state.activeMs,
    ports: { clock: systemClock, report: () => undefined },
  })
  const ceilingOf = (wpId: WpId) => ({
    implementation: budget.whyHeld(wpId, 'implementation'),
    review: budget.whyHeld(wpId, 'review'),
  })
  const unvouched = unvouchedIn(mission, state)
  const standpoint = {
    nodes: mission.nodes,
    lanes: lanesOf(mission.nodes),
    closed: new Map(),
    released: new Set<WpId>(),
    laneIds: new Map(),
    unvouched,
  }
  const waitsFor = (node: GraphNode) =>
    mayWait(node) || unvouched.has(node.wpId) ? whyNotReady(node, standpoint) : null
  const workPackages = mission.nodes.map(node => {
    const record = state.workPackages[node.wpId] ?? newRecord(node.wpId)
    const wp = { ...node, worktree: anyWorktree, record }
    const step = nextStep(wp, { config, agents, now, ceiling: ceilingOf(node.wpId) })
    const last = record.attempts.at(-1)
    const log = last ? `${store.attemptFiles(node.wpId, last)}.out.log` : null
    return wpStatus(wp, { isOwned: owner !== null, now, state, step, waitsFor: waitsFor(node), log })
  })
  const cooldowns = Object.entries(state.cooldowns).filter(([, { until }]) => Date.parse(until) > now)
  const events = join(runLogsFolder(kittify, state.runId), 'events.ndjson')
  return {
    runId: state.runId,
    mission: state.mission,
    phase: state.phase,
    owner: owner?.identity.pid ?? null,
    paused: owner !== null && wasPaused(events),
    end: owner === null ? (state.end ?? endInLog(events)) : null,
    used: budget.used(),
    cooldowns: Object.fromEntries(cooldowns),
    workPackages,
  }
}

interface Seen {
  /** True when a process of the run is live. */
  readonly isOwned: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly state: RunState
  readonly step: Step
  /** null when it waits for nothing, or when its next step says it. */
  readonly waitsFor: string | null
  readonly log: string | null
}

function wpStatus(wp: WorkPackage, { isOwned, now, state, step, waitsFor, log }: Seen): WpStatus {
  const { record } = wp
  const last = record.attempts.at(-1)
  const open = openAttempt(record)
  const running = isOwned && open ? open : null
  const alone = !isOwned && open?.process ? isAlive(open.process) : false
  const needsPerson = step.kind === 'block' || (step.kind === 'finish' && step.end === 'needs-person')
  return {
    wpId: wp.wpId,
    lane: laneName(wp.lane),
    role: running?.role ?? null,
    agent: last?.agent ?? null,
    cliVersion: last?.cliVersion ?? null,
    model: last?.model ?? null,
    configuredModel: last?.configuredModel ?? null,
    attempt: last?.number ?? 0,
    cycle: record.cycle,
    elapsedMs: running ? Math.max(0, now - Date.parse(running.startedAt)) : null,
    step: running
      ? `${running.role} is running`
      : alone
        ? 'its agent is running without sko'
        : (waitsFor ?? inWords(describeStep(step), state)),
    next: running ? [] : alone ? nextAfter(state, whileAlone) : waitsFor === null ? wayOut(wp, state) : [],
    log,
    needsPerson: !running && (needsPerson || alone),
    followUps: shortFollowUps(record),
    ...(needsPerson && !running ? handover(record) : { tried: [], findings: [] }),
  }
}

/** The next step depends only on whether there is a worktree, not on where it is. */
const [anyWorktree = null] = ['lane-a']
  .filter(isLaneId)
  .map(laneId => ({ path: '', promptPath: '', laneId, branch: '', baseRef: null }))

function inWords(step: string, { phase, mission }: RunState): string {
  return phase === 'aborted' ? afterAbort(step, mission) : step
}

const whileAlone: readonly NextCommand[] = [
  { command: resume, why: 'continues with it' },
  { command: 'sko abort', why: 'ends it' },
]

function nextAfter({ phase, mission }: RunState, next: readonly NextCommand[]): readonly NextCommand[] {
  return phase === 'aborted' ? nextAfterAbort(next, mission) : next
}

/** An aborted run has nothing to retry. */
function wayOut({ wpId, lane }: Pick<GraphNode, 'wpId' | 'lane'>, { phase }: RunState): readonly NextCommand[] {
  if (lane !== 'blocked' || phase === 'aborted') return []
  return [{ command: `sko retry ${wpId}`, why: 'puts it back to work with its counters reset' }]
}

function describeStep(step: Step): string {
  switch (step.kind) {
    case 'finish':
      switch (step.end) {
        case 'complete':
          return 'finished'
        case 'held':
          return `held: ${step.reason}`
        case 'needs-person':
          return `needs attention: ${step.reason}`
      }
      return step satisfies never
    case 'wait':
      return `waits until ${new Date(step.until).toISOString()}: ${step.reason}`
    case 'block':
      return `block: ${step.reason}`
    case 'adopt':
      return `check the result of attempt ${step.attempt.number}`
    case 'claim':
    case 'implement':
    case 'review':
    case 'start-review':
    case 'submit':
      return `${step.kind} (${step.agent})`
    default:
      return step.kind
  }
}

/** As the run itself decides it. Before the run has recorded the lanes at its start, all of them are taken as given. */
function unvouchedIn({ nodes }: Mission, { start, workPackages }: RunState): ReadonlySet<WpId> {
  const isOpen = ({ wpId }: GraphNode) =>
    vouchingFor(workPackages[wpId] ?? newRecord(wpId), start === null || Object.hasOwn(start.given, wpId)) === null
  return new Set(nodes.filter(node => satisfiesDependents(node.lane) && isOpen(node)).map(node => node.wpId))
}
