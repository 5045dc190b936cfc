import { type GraphNode, withDependencies } from '../core/graph.ts'
import type { LaneId, WpId } from '../core/ids.ts'
import { laneName } from '../core/lane.ts'
import { heldByCanceled, type ScheduleInput, schedule, whyNotReady } from '../core/schedule.ts'
import { type LaneWorktree, newRecord, type WorkPackage, type WpRecord } from '../core/work-package.ts'
import { createBell } from './bell.ts'
import { look, type Mission } from './look.ts'
import { faultPausesMs, isFault } from './mutate.ts'
import { resolveLanes } from './resolve-lanes.ts'
import type { RunContext } from './run-context.ts'
import { atWork, type TakenAway, takenAwayIn } from './taken-away.ts'
import { type DrivenWorkPackage, driveWorkPackage } from './work-package.ts'

/** How long others may change the mission before we notice, when nothing of ours makes us look. */
const pollMs = 30_000

export interface Standing {
  readonly node: GraphNode
  readonly record: WpRecord
  /** As far as this run met it. */
  readonly worktree: LaneWorktree | null
  /** False: `--wp` left it out. */
  readonly selected: boolean
  /** Why it is not finished and nothing more can be done here; null when it is finished or could go on. */
  readonly reason: string | null
}

/**
 * The loop: look at the host, start what can start, wait for something to happen, look again. It ends when nothing is
 * at work, nothing can start and nothing waits for a time; what then is unfinished has a reason.
 */
export async function orchestrate(
  run: RunContext,
  first: Mission,
  records: ReadonlyMap<WpId, WpRecord>,
): Promise<readonly Standing[]> {
  const known = new Map<WpId, WpRecord>(records)
  const laneIds = new Map<WpId, LaneId>()
  const worktrees = new Map<WpId, LaneWorktree>()
  const active = new Map<WpId, Promise<void>>()
  const lettingGo = new Map<WpId, AbortController>()
  const deferred = new Map<WpId, number>()
  const closed = new Map<WpId, string>()
  const released = new Set<WpId>()
  const unresolved = new Set<WpId>()
  const movedSinceLook = new Map<WpId, WorkPackage>()
  const bell = createBell(run.ports.clock)
  const draining = new AbortController()
  const failures: unknown[] = []
  let mission = first

  /** The first failure ends the run: agents at work finish their attempt, nothing else begins. */
  const fail = (error: unknown): void => {
    if (failures.length === 0 && active.size > 1) run.ports.report(endsBecause(error))
    failures.push(error)
    draining.abort()
  }

  const settle = ({ wp, end }: DrivenWorkPackage): void => {
    if (end?.kind === 'wait') {
      deferred.set(wp.wpId, end.until)
      run.ports.report({
        type: 'wp-waiting',
        wpId: wp.wpId,
        until: new Date(end.until).toISOString(),
        reason: end.reason,
      })
    }
    if (end?.kind === 'finish' && end.end === 'held') closed.set(wp.wpId, end.reason)
    if (end?.kind === 'finish' && end.end === 'needs-person') {
      closed.set(wp.wpId, end.reason)
      run.ports.report(needsPerson(wp, end.reason, run))
    }
  }

  /** Somebody else moved it while an agent of ours was at work: the agent is ended, its work kept, the WP is theirs. */
  const leave = ({ wpId, from, to }: TakenAway): void => {
    closed.set(wpId, `somebody else moved it from ${laneName(from)} to ${laneName(to)}`)
    run.ports.report({ type: 'wp-taken-away', wpId, from: laneName(from), to: laneName(to) })
    lettingGo.get(wpId)?.abort()
  }

  const start = (node: GraphNode): void => {
    deferred.delete(node.wpId)
    const entered: WorkPackage = { ...node, worktree: null, record: known.get(node.wpId) ?? newRecord(node.wpId) }
    const letGo = new AbortController()
    lettingGo.set(node.wpId, letGo)
    const itsRun = { ...run, stopping: AbortSignal.any([run.stopping, letGo.signal]) }
    const driven = driveWorkPackage(entered, itsRun, draining.signal, wp => {
      known.set(wp.wpId, wp.record)
      mission = withLane(mission, wp)
      movedSinceLook.set(wp.wpId, wp)
      if (!wp.worktree) return
      laneIds.set(wp.wpId, wp.worktree.laneId)
      worktrees.set(wp.wpId, wp.worktree)
    })
    active.set(
      node.wpId,
      driven.then(settle, fail).finally(() => {
        active.delete(node.wpId)
        lettingGo.delete(node.wpId)
        bell.ring()
      }),
    )
  }

  const input = (now = run.ports.clock.now()): ScheduleInput => ({
    nodes: mission.nodes,
    laneIds,
    active: new Set(active.keys()),
    deferred,
    closed,
    released,
    unresolved,
    selected: run.onlyWps && withDependencies(mission.nodes, run.onlyWps),
    freeSlots: run.config.max_concurrent_wps - active.size,
    now,
  })

  const learnLanes = async (wpIds: readonly WpId[]): Promise<void> => {
    const lanes = await resolveLanes(run, wpIds)
    for (const [wpId, lane] of lanes) {
      if (lane.kind === 'known') laneIds.set(wpId, lane.laneId)
      else unresolved.add(wpId)
      if (lane.kind === 'unknown' && !active.has(wpId) && !closed.has(wpId)) closed.set(wpId, lane.reason)
    }
  }

  const loop = async (): Promise<void> => {
    for (;;) {
      if (failures.length > 0 || run.stopping.aborted) return
      if (heldByCanceled(input()).length > 0) await askReleased(run, heldByCanceled(input()), released, closed)
      let now = run.ports.clock.now()
      let plan = schedule(input(now))
      while (plan.resolve.length > 0 && !run.stopping.aborted) {
        await learnLanes(plan.resolve)
        now = run.ports.clock.now()
        plan = schedule(input(now))
      }
      run.ports.report({ type: 'looked', lanes: countLanes(mission.nodes), ready: plan.start })
      for (const wpId of plan.start) {
        const node = mission.nodes.find(other => other.wpId === wpId)
        if (node) start(node)
      }
      // One that was due already and was not started waits for a slot or a worktree, not for a time.
      const due = Math.min(...[...deferred.values()].filter(until => until > now))
      if (active.size === 0 && due === Number.POSITIVE_INFINITY) return
      await bell.wait(Math.min(due - run.ports.clock.now(), pollMs), run.stopping)
      bell.hush()
      if (run.stopping.aborted || failures.length > 0) return
      movedSinceLook.clear()
      const before = atWork(run.ports.store.records())
      const looked = await lookAgain(run)
      for (const taken of takenAwayIn(looked, mission, before, atWork(run.ports.store.records()))) leave(taken)
      mission = looked
      // What we moved while the host was answering may not be in the answer.
      for (const wp of movedSinceLook.values()) mission = withLane(mission, wp)
    }
  }

  await loop().catch(fail)
  // Whatever ended the loop: the run is over only when nothing of it is at work any more.
  await Promise.all(active.values())
  if (failures.length > 0) throw failures[0]
  const last = input()
  return mission.nodes.map(node => {
    const record = known.get(node.wpId) ?? newRecord(node.wpId)
    const selected = last.selected?.has(node.wpId) ?? true
    const blockedBecause = node.lane === 'blocked' ? record.halt?.reason : undefined
    // A run that was stopped leaves most WPs waiting, which is nobody's trouble.
    const waits = run.stopping.aborted ? (closed.get(node.wpId) ?? null) : whyNotReady(node, last)
    const reason = selected ? (blockedBecause ?? waits) : null
    return { node, record, worktree: worktrees.get(node.wpId) ?? null, selected, reason }
  })
}

/** A look in the middle of a run: one that fails without an answer is tried again before hours of work are ended. */
async function lookAgain(run: RunContext): Promise<Mission> {
  for (const pause of faultPausesMs) {
    const answer = await run.ports.host.missionState({ mission: run.mission })
    if (answer.ok || !isFault(answer.code) || run.stopping.aborted) return look(run.ports.host, run.mission, answer)
    await run.ports.clock.sleep(pause, run.stopping)
  }
  return look(run.ports.host, run.mission)
}

/** A canceled dependency releases its dependents only if an operator command canceled it, which only list-ready knows. */
async function askReleased(
  run: RunContext,
  held: readonly WpId[],
  released: Set<WpId>,
  closed: Map<WpId, string>,
): Promise<void> {
  const answer = await run.ports.host.listReady({ mission: run.mission })
  const ready = answer.ok ? new Set(answer.data.ready_work_packages.map(wp => wp.wp_id)) : new Set<string>()
  for (const wpId of held) {
    if (ready.has(wpId)) released.add(wpId)
    else closed.set(wpId, 'a dependency is canceled, and the host does not release what depends on it')
  }
}

function needsPerson(wp: WorkPackage, reason: string, run: RunContext) {
  const last = wp.record.attempts.at(-1)
  const next = wp.lane === 'blocked' ? `sko retry ${wp.wpId}` : 'sko resume'
  const log = last ? run.ports.store.attemptFiles(wp.wpId, last) : null
  return { type: 'needs-person', wpId: wp.wpId, reason, log, next } as const
}

function endsBecause(error: unknown) {
  const message = error instanceof Error ? error.message : String(error)
  const hint = 'agents at work finish their attempt, then the run ends (Ctrl+C: at once)'
  return { type: 'warning', message: `the run cannot go on: ${message}`, hint } as const
}

function withLane(mission: Mission, { wpId, lane }: WorkPackage): Mission {
  return { ...mission, nodes: mission.nodes.map(node => (node.wpId === wpId ? { ...node, lane } : node)) }
}

function countLanes(nodes: readonly GraphNode[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { lane } of nodes) counts[laneName(lane)] = (counts[laneName(lane)] ?? 0) + 1
  return counts
}
