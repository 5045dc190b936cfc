import type { WpId } from '../../core/ids.ts'
import { graphKey } from '../../core/mission/graph.ts'
import { inRun } from '../../core/mission/mission-run.ts'
import { canBegin, needingRelease, unansweredReleases } from '../../core/mission/mission-schedule.ts'
import { schedule } from '../../core/mission/schedule.ts'
import type { HostUnanswered } from '../../core/mission/wp-event.ts'
import { type Loop, scheduleInputOf } from '../loop.ts'
import { reportNeedsPerson, reportTrouble } from '../settle.ts'
import { resolveLanes } from './resolve-lanes.ts'

/**
 * Returns the WPs to start now. The host is asked for lane worktrees meanwhile: its answers ring the bell, and then there
 * may be more.
 */
export async function whatToStart(loop: Loop): Promise<readonly WpId[]> {
  await askReleases(loop)
  const input = scheduleInputOf(loop)
  const plan = schedule(input)
  loop.recording.scheduled(input, plan)
  if (!loop.mayBegin() || loop.run.stopping.aborted) return []
  loop.questions.ask(plan.resolve, wpIds => askLanes(loop, wpIds))
  return plan.start
}

const notReleased = 'a dependency is canceled, and the host does not release what depends on it'
const releaseUnknown = 'a dependency is canceled, and the host does not say whether that releases it'

/** A canceled dependency releases its dependents only if an operator command canceled it, which only list-ready knows. */
async function askReleases(loop: Loop): Promise<void> {
  const { run } = loop
  const { clock, host } = run.ports
  const wpIds = needingRelease(loop.known())
  loop.apply({ type: 'releases-needed', wpIds })
  const open = unansweredReleases(loop.known(), wpIds, clock.now())
  if (open.length === 0) return
  const began = clock.elapsed()
  const answer = await host.listReady({ mission: run.mission })
  const tookMs = clock.elapsed() - began
  const ready = answer.ok ? answer.data.ready_work_packages.map(wp => wp.wp_id) : []
  for (const wpId of open) {
    if (!answer.ok) {
      const reason = `${releaseUnknown} (${answer.code}): ${answer.message}`
      await noteNoAnswer(loop, { wpId, what: 'list-ready', reason, waits: true, tookMs })
    } else if (ready.includes(wpId)) {
      loop.apply({ type: 'release-answered', wpId, released: true })
    } else {
      loop.apply({ type: 'release-answered', wpId, released: false, reason: notReleased })
      await reportNeedsPerson(loop, wpId, notReleased)
    }
  }
}

async function askLanes(loop: Loop, wpIds: readonly WpId[]): Promise<void> {
  const { clock } = loop.run.ports
  const now = clock.now()
  const began = clock.elapsed()
  const graph = graphKey(loop.known().nodes)
  const waiting = new Set(wpIds.filter(wpId => canBegin(loop.known(), wpId, now)))
  const resolved = await resolveLanes(loop.run, wpIds)
  const tookMs = clock.elapsed() - began
  // Another graph may mean other lanes: the answer may be of the one before.
  if (graph !== graphKey(loop.known().nodes)) return
  for (const [wpId, lane] of resolved) {
    if (lane.kind === 'unknown') {
      await noteNoAnswer(loop, { wpId, what: 'lane', reason: lane.reason, waits: waiting.has(wpId), tookMs })
    } else {
      loop.run.worktrees.named(wpId, lane.worktree)
      loop.apply({ type: 'lane-known', wpId, laneId: lane.laneId })
    }
  }
}

/** Reported to the user only if the WP itself waits for the answer. */
async function noteNoAnswer(loop: Loop, unanswered: Omit<HostUnanswered, 'type' | 'now'>): Promise<void> {
  const { wpId } = unanswered
  const before = inRun(loop.known(), wpId).trouble
  loop.apply({ type: 'host-unanswered', ...unanswered, now: loop.run.ports.clock.now() })
  if (unanswered.waits) await reportTrouble(loop, wpId, before)
}
