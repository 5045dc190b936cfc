import { withDependencies } from '../core/graph.ts'
import { handover } from '../core/handover.ts'
import type { LaneId, WpId } from '../core/ids.ts'
import { laneName, movedByOthers } from '../core/lane.ts'
import { heldByCanceled, nextDue, type ScheduleInput, schedule } from '../core/schedule.ts'
import type { ActiveStep } from '../core/step.ts'
import { type LaneWorktree, newRecord, type WorkPackage, type WpRecord } from '../core/work-package.ts'
import { createBell } from './bell.ts'
import { countLanes, type Mission, withLane } from './look.ts'
import { askReleased, lookAgain } from './look-again.ts'
import { type Loop, obey } from './obey.ts'
import { resolveLanes } from './resolve-lanes.ts'
import type { RunContext } from './run-context.ts'
import { type HeldBy, type Standing, standingsOf } from './standing.ts'
import { stillIn, type TakenAway, takenAwayIn } from './taken-away.ts'
import { type DrivenWorkPackage, driveWorkPackage } from './work-package.ts'

/** How long others may change the mission before we notice, when nothing of ours makes us look. */
const pollMs = 30_000

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
  /** What each driver is at; null: nothing yet. */
  const steps = new Map<WpId, ActiveStep | null>()
  const deferred = new Map<WpId, number>()
  const closed = new Map<WpId, string>()
  const held = new Map<WpId, HeldBy>()
  const released = new Set<WpId>()
  const unresolved = new Set<WpId>()
  const movedSinceLook = new Map<WpId, WorkPackage>()
  const bell = createBell(run.ports.clock)
  const failures: unknown[] = []
  let mission = first
  let paused = false
  let obeying = 0

  const mayBegin = () => run.mayBegin() && !paused && failures.length === 0

  /** The first failure ends the run: agents at work finish their attempt, nothing else begins. */
  const fail = (error: unknown): void => {
    if (failures.length === 0 && active.size > 1) run.ports.report(endsBecause(error))
    failures.push(error)
  }

  const settle = ({ wp, end }: DrivenWorkPackage): void => {
    // Unless it goes on later, nobody waits for its agent any more.
    if (end) run.adopted.get(wp.wpId)?.abandon()
    if (end?.kind === 'wait') {
      deferred.set(wp.wpId, end.until)
      run.ports.report({
        type: 'wp-waiting',
        wpId: wp.wpId,
        until: new Date(end.until).toISOString(),
        reason: end.reason,
      })
    }
    if (end?.kind === 'finish' && end.end === 'held') {
      closed.set(wp.wpId, end.reason)
      held.set(wp.wpId, end.by)
    }
    if (end?.kind === 'finish' && end.end === 'needs-person') {
      closed.set(wp.wpId, end.reason)
      run.ports.report(needsPerson(wp, end.reason, run))
    }
  }

  /** Somebody else moved it, not waiting for the end of ours: its agent is ended, its work kept, the WP is theirs. */
  const leave = ({ wpId, from, to }: TakenAway): void => {
    closed.set(wpId, movedByOthers(from, to))
    run.ports.report({ type: 'wp-taken-away', wpId, from: laneName(from), to: laneName(to) })
    deferred.delete(wpId)
    lettingGo.get(wpId)?.abort()
    run.adopted.get(wpId)?.abandon()
  }

  /** WPs that we do not move just now, of those that agents of ours have worked on. */
  const still = () => {
    const worked = (wpId: WpId) => (known.get(wpId)?.attempts.length ?? 0) > 0 && !closed.has(wpId)
    return stillIn(mission, steps, wpId => worked(wpId) && !movedSinceLook.has(wpId))
  }

  const start = (wpId: WpId): void => {
    const node = mission.nodes.find(other => other.wpId === wpId)
    if (!node) return
    deferred.delete(wpId)
    const entered: WorkPackage = { ...node, worktree: null, record: known.get(node.wpId) ?? newRecord(node.wpId) }
    const letGo = new AbortController()
    lettingGo.set(node.wpId, letGo)
    // Adopted agents may be more than are allowed now.
    const mayItBegin = () => mayBegin() && active.size <= run.config.max_concurrent_wps
    const itsRun = { ...run, stopping: AbortSignal.any([run.stopping, letGo.signal]), mayBegin: mayItBegin }
    steps.set(node.wpId, null)
    const driven = driveWorkPackage(entered, itsRun, {
      onStep: step => steps.set(node.wpId, step),
      onChange: wp => {
        known.set(wp.wpId, wp.record)
        // Of one that was taken away the last look knows more.
        if (!closed.has(wp.wpId)) {
          mission = withLane(mission, wp)
          movedSinceLook.set(wp.wpId, wp)
        }
        if (!wp.worktree) return
        laneIds.set(wp.wpId, wp.worktree.laneId)
        worktrees.set(wp.wpId, wp.worktree)
      },
    })
    active.set(
      node.wpId,
      driven.then(settle, fail).finally(() => {
        active.delete(node.wpId)
        lettingGo.delete(node.wpId)
        steps.delete(node.wpId)
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
      while (plan.resolve.length > 0 && mayBegin() && !run.stopping.aborted) {
        await learnLanes(plan.resolve)
        now = run.ports.clock.now()
        plan = schedule(input(now))
      }
      if (!mayBegin()) plan = { start: [], resolve: [] }
      run.ports.report({ type: 'looked', lanes: countLanes(mission.nodes), ready: plan.start })
      for (const wpId of plan.start) start(wpId)
      const due = nextDue(input(now))
      if (active.size === 0 && due === Number.POSITIVE_INFINITY && !paused && obeying === 0) return
      await bell.wait(Math.min(due - run.ports.clock.now(), pollMs), run.stopping)
      bell.hush()
      if (run.stopping.aborted || failures.length > 0) return
      movedSinceLook.clear()
      const before = still()
      const looked = await lookAgain(run)
      for (const taken of takenAwayIn(looked, mission, before, still())) leave(taken)
      mission = looked
      // What we moved while the host was answering may not be in the answer.
      for (const wp of movedSinceLook.values()) mission = withLane(mission, wp)
    }
  }

  const forPerson: Loop = {
    setPaused: wanted => {
      if (paused === wanted) return false
      paused = wanted
      run.ports.report({ type: paused ? 'paused' : 'continued' })
      return true
    },
    look: async wpId => {
      const node = (await lookAgain(run)).nodes.find(other => other.wpId === wpId)
      return node ? { ...node, worktree: null, record: known.get(wpId) ?? newRecord(wpId) } : null
    },
    isAtWork: wpId => active.has(wpId),
    isClosed: wpId => closed.has(wpId),
    close: (wpId, reason) => {
      const before = closed.get(wpId)
      closed.set(wpId, reason)
      return () => (before === undefined ? closed.delete(wpId) : closed.set(wpId, before))
    },
    reopen: wpId => {
      held.delete(wpId)
      closed.delete(wpId)
    },
    letGo: async wpId => {
      lettingGo.get(wpId)?.abort()
      await active.get(wpId)
    },
    moved: ({ wpId, lane }, after) => {
      known.set(wpId, after.record)
      mission = withLane(mission, after)
      movedSinceLook.set(wpId, after)
      const [from, to] = [laneName(lane), laneName(after.lane)]
      if (from !== to) run.ports.report({ type: 'lane-changed', wpId, from, to })
    },
  }

  run.requests.serve(async request => {
    obeying += 1
    try {
      return await obey(request, forPerson, run)
    } finally {
      obeying -= 1
      bell.ring()
    }
  })
  // Their agents are at work already, however many may be.
  for (const wpId of run.adopted.keys()) start(wpId)
  await loop().catch(fail)
  // Whatever ended the loop: the run is over only when nothing of it is at work any more.
  await Promise.all(active.values())
  await Promise.all([...run.adopted.values()].map(adopted => adopted.over.catch(fail)))
  await run.requests.close()
  if (failures.length > 0) throw failures[0]
  return standingsOf(input(), { known, worktrees, held, stopped: run.stopping.aborted })
}

function needsPerson(wp: WorkPackage, reason: string, run: RunContext) {
  const last = wp.record.attempts.at(-1)
  const next = wp.lane === 'blocked' ? `sko retry ${wp.wpId}` : 'sko resume'
  const log = last ? run.ports.store.attemptFiles(wp.wpId, last) : null
  return { type: 'needs-person', wpId: wp.wpId, reason, ...handover(wp.record), log, next } as const
}

function endsBecause(error: unknown) {
  const message = error instanceof Error ? error.message : String(error)
  const hint = 'agents at work finish their attempt, then the run ends (Ctrl+C: at once)'
  return { type: 'warning', message: `the run cannot go on: ${message}`, hint } as const
}
