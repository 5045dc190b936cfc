import { graphKey, withDependencies } from '../core/graph.ts'
import type { WpId } from '../core/ids.ts'
import { laneName, movedByOthers } from '../core/lane.ts'
import { nextDue, type ScheduleInput } from '../core/schedule.ts'
import { newRecord, type WorkPackage, type WpRecord } from '../core/work-package.ts'
import { createBell } from './bell.ts'
import { createDrivers } from './drivers.ts'
import { createLanesKnown } from './lanes-known.ts'
import { countLanes, type Mission, withLane } from './look.ts'
import { lookAgain } from './look-again.ts'
import { createMissionWatch } from './mission-watch.ts'
import { needsPerson } from './needs-person.ts'
import { type Loop, obey } from './obey.ts'
import { createReleases } from './releases.ts'
import type { RunContext } from './run-context.ts'
import { type HeldBy, type Standing, standingsOf } from './standing.ts'
import { stillIn, type TakenAway, takenAwayIn } from './taken-away.ts'
import { createTroubles } from './troubles.ts'
import { beginVouchings } from './vouching.ts'
import { whatToStart } from './what-to-start.ts'
import type { DrivenWorkPackage } from './work-package.ts'

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
  const { clock, report } = run.ports
  const known = new Map<WpId, WpRecord>(records)
  const deferred = new Map<WpId, number>()
  const closed = new Map<WpId, string>()
  const held = new Map<WpId, HeldBy>()
  const movedSinceLook = new Map<WpId, WorkPackage>()
  const bell = createBell(clock)
  const failures: unknown[] = []
  const vouchings = await beginVouchings(run, first, records)
  let mission = first
  let paused = false
  let obeying = 0
  let lastNow = clock.now()

  const mayBegin = () => run.mayBegin() && !paused && failures.length === 0

  const workPackage = (wpId: WpId, { nodes } = mission): WorkPackage | null => {
    const node = nodes.find(other => other.wpId === wpId)
    return node ? { ...node, worktree: null, record: known.get(wpId) ?? newRecord(wpId) } : null
  }

  /** The first failure ends the run: agents at work finish their attempt, nothing else begins. */
  const fail = (error: unknown): void => {
    if (failures.length === 0 && drivers.active.size > 1) report(endsBecause(error))
    failures.push(error)
  }

  const settle = ({ wp, end }: DrivenWorkPackage): void => {
    const { wpId } = wp
    if (end?.kind === 'unanswered') {
      deferred.set(wpId, troubles.meet(wpId, end.step, end.reason).askAgainAt)
      return
    }
    troubles.over(wpId)
    // Unless it goes on later, nobody waits for its agent any more.
    if (end) run.adopted.get(wpId)?.abandon()
    if (end?.kind === 'wait') {
      deferred.set(wpId, end.until)
      report({ type: 'wp-waiting', wpId, until: new Date(end.until).toISOString(), reason: end.reason })
    }
    if (end?.kind === 'finish' && end.end !== 'complete') closed.set(wpId, end.reason)
    if (end?.kind === 'finish' && end.end === 'held') held.set(wpId, end.by)
    if (end?.kind === 'finish' && end.end === 'needs-person') report(needsPerson(wp, end.reason, run))
  }

  const tellPerson = (wpId: WpId, reason: string): void => {
    const wp = workPackage(wpId)
    if (wp) report(needsPerson(wp, reason, run))
  }

  const troubles = createTroubles(run, (wpId, reason) => {
    run.adopted.get(wpId)?.abandon()
    tellPerson(wpId, reason)
  })
  const lanes = createLanesKnown(run, troubles)
  const releases = createReleases(run, troubles, tellPerson)
  const watch = createMissionWatch(run, first)
  const drivers = createDrivers(run, {
    mayBegin,
    onEnd: settle,
    onFailure: fail,
    onOver: () => bell.ring(),
    onChange: wp => {
      known.set(wp.wpId, wp.record)
      // Of one that was taken away the last look knows more.
      if (!closed.has(wp.wpId)) {
        mission = withLane(mission, wp)
        movedSinceLook.set(wp.wpId, wp)
      }
      if (wp.worktree) lanes.met(wp.wpId, wp.worktree)
    },
  })

  /** Somebody else moved it, not waiting for the end of ours: its agent is ended, its work kept, the WP is theirs. */
  const leave = ({ wpId, from, to }: TakenAway): void => {
    closed.set(wpId, movedByOthers(from, to))
    report({ type: 'wp-taken-away', wpId, from: laneName(from), to: laneName(to) })
    deferred.delete(wpId)
    drivers.letGo(wpId)
    run.adopted.get(wpId)?.abandon()
  }

  /** WPs that we do not move just now, of those that agents of ours have worked on. */
  const still = () => {
    const worked = (wpId: WpId) => (known.get(wpId)?.attempts.length ?? 0) > 0 && !closed.has(wpId)
    return stillIn(mission, drivers.steps, wpId => worked(wpId) && !movedSinceLook.has(wpId))
  }

  const start = (wpId: WpId): void => {
    const entered = workPackage(wpId)
    if (!entered) return
    deferred.delete(wpId)
    drivers.start(entered)
  }

  const input = (more: Partial<ScheduleInput> = {}): ScheduleInput => ({
    nodes: mission.nodes,
    laneIds: lanes.laneIds,
    active: new Set(drivers.active.keys()),
    deferred,
    closed: new Map([...releases.refused, ...closed]),
    released: releases.released,
    unresolved: lanes.unresolved(),
    unvouched: vouchings.without(mission.nodes, known),
    selected: run.onlyWps && withDependencies(mission.nodes, run.onlyWps),
    freeSlots: run.config.max_concurrent_wps - drivers.active.size,
    now: clock.now(),
    ...more,
  })

  /** When something is to be done next; `hopeful`: what has failed for long is left out. */
  const dueAt = (hopeful: boolean): number => {
    const lasting = troubles.lasting()
    const times = hopeful ? new Map([...deferred].filter(([wpId]) => !lasting.has(wpId))) : deferred
    const look = hopeful && watch.lasting() ? undefined : watch.trouble()?.askAgainAt
    const awaited = [look, watch.awaited(), vouchings.awaited()].map(at => at ?? Number.POSITIVE_INFINITY)
    return Math.min(nextDue(input({ deferred: times })), ...awaited)
  }

  const lookOnce = async (): Promise<void> => {
    movedSinceLook.clear()
    const before = still()
    const looked = await watch.look([...lanes.worktrees.values()].flatMap(({ baseRef }) => baseRef ?? []))
    if (!looked) return
    if (graphKey(looked.nodes) !== graphKey(mission.nodes)) lanes.forget(wpId => drivers.active.has(wpId))
    for (const taken of takenAwayIn(looked, mission, before, still())) leave(taken)
    mission = looked
    await vouchings.look(looked.nodes, known)
    // What we moved while the host was answering may not be in the answer.
    for (const wp of movedSinceLook.values()) mission = withLane(mission, wp)
  }

  const loop = async (): Promise<void> => {
    for (;;) {
      if (failures.length > 0 || run.stopping.aborted) return
      // A clock that was set back: what waits for a time is decided anew.
      if (clock.now() < lastNow) deferred.clear()
      lastNow = clock.now()
      const ready = watch.trouble()
        ? []
        : await whatToStart({ run, input, mayBegin, deferred, troubles, lanes, releases })
      report({ type: 'looked', lanes: countLanes(mission.nodes), ready })
      for (const wpId of ready) start(wpId)
      const idle = drivers.active.size === 0 && !paused && obeying === 0
      if (idle && dueAt(true) === Number.POSITIVE_INFINITY) {
        const lasting = watch.lasting()
        if (lasting) throw lasting
        return
      }
      await bell.wait(Math.min(dueAt(false) - clock.now(), pollMs), run.stopping)
      bell.hush()
      if (run.stopping.aborted || failures.length > 0) return
      await lookOnce()
    }
  }

  const forPerson: Loop = {
    setPaused: wanted => {
      if (paused === wanted) return false
      paused = wanted
      run.ports.report({ type: paused ? 'paused' : 'continued' })
      return true
    },
    look: async wpId => workPackage(wpId, await lookAgain(run)),
    isAtWork: wpId => drivers.active.has(wpId),
    isClosed: wpId => closed.has(wpId) || releases.refused.has(wpId) || troubles.of(wpId) !== undefined,
    close: (wpId, reason) => {
      const before = closed.get(wpId)
      closed.set(wpId, reason)
      return () => (before === undefined ? closed.delete(wpId) : closed.set(wpId, before))
    },
    reopen: wpId => {
      held.delete(wpId)
      closed.delete(wpId)
      releases.forget(wpId)
      troubles.over(wpId)
      deferred.delete(wpId)
    },
    letGo: async wpId => {
      drivers.letGo(wpId)
      await drivers.active.get(wpId)
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
  for (const wpId of run.adopted.keys()) start(wpId)
  await loop().catch(fail)
  // Whatever ended the loop: the run is over only when nothing of it is at work any more.
  await Promise.all(drivers.active.values())
  await Promise.all([...run.adopted.values()].map(adopted => adopted.over.catch(fail)))
  await run.requests.close()
  if (failures.length > 0) throw failures[0]
  const last = input({ closed: new Map([...troubles.lasting(), ...releases.refused, ...closed]) })
  return standingsOf(last, { known, worktrees: lanes.worktrees, held, stopped: run.stopping.aborted })
}

function endsBecause(error: unknown) {
  const message = error instanceof Error ? error.message : String(error)
  const hint = 'agents at work finish their attempt, then the run ends (Ctrl+C: at once)'
  return { type: 'warning', message: `the run cannot go on: ${message}`, hint } as const
}
