import { type BeginEntry, type Entry, type Obstacle, type RecordedEvent, recordVersion } from '../core/explain/entry.ts'
import { brief, recordedOutcome, recordedStep, recordedWp } from '../core/explain/recorded.ts'
import type { WpId } from '../core/ids.ts'
import { areSameNodes, type GraphNode, isSameNode } from '../core/mission/graph.ts'
import type { MissionRunEvent } from '../core/mission/mission-event.ts'
import type { MissionRun } from '../core/mission/mission-run.ts'
import type { Schedule, ScheduleInput } from '../core/mission/schedule.ts'
import type { LifecycleContext } from '../core/work-package/lifecycle.ts'
import type { Outcome, Step } from '../core/work-package/step.ts'
import type { WpRecord } from '../core/work-package/work-package.ts'
import type { RunContext } from './run-context.ts'

/** Writes down what the loop receives and chooses, so that `sko explain` can make its decisions again. */
export interface Recording {
  received(event: MissionRunEvent, before: MissionRun, after: MissionRun): void
  scheduled(input: ScheduleInput, chosen: Schedule): void
  /** What keeps anything from beginning now; null: nothing does. */
  obstacle(because: Obstacle | null): void
  chose(wpId: WpId, step: Step, context: LifecycleContext): void
  cameOf(wpId: WpId, outcome: Outcome): void
}

export function beginRecording(
  { ports, config, onlyWps }: RunContext,
  nodes: readonly GraphNode[],
  records: ReadonlyMap<WpId, WpRecord>,
): Recording {
  const { clock } = ports
  const ofSchedule = changeOf('')
  const ofUnvouched = changeOf('[]')
  const ofAgents = changeOf('')
  const ofObstacle = changeOf('null')
  let began: Entry | null = null
  let news = true

  const write = (entry: Entry): void => {
    // It is of use only to what follows it.
    if (began) ports.record(began)
    began = null
    news = true
    ports.record(entry)
  }

  write({ type: 'begin', at: clock.now(), ...beginning(config, onlyWps, nodes, records) })
  return {
    received: (event, before, after) => {
      const entry = recordedEvent(event, before)
      if (entry === null) return
      const changes = !canChangeNothing.includes(event.type) || !isSameMission(before, after)
      if (changes) write({ at: clock.now(), ...entry })
      else if (event.type === 'look-began') began = { at: clock.now(), type: 'look-began' }
      else if (event.type === 'looked') began = null
    },
    scheduled: ({ now, unvouched }, { start, resolve }) => {
      const isNew = ofSchedule(JSON.stringify([start, resolve]))
      const vouching = ofUnvouched(JSON.stringify([...unvouched])) ? [...unvouched] : null
      if (!news && !isNew && vouching === null) return
      write({ type: 'schedule', at: now, unvouched: vouching, start, resolve })
      news = false
    },
    obstacle: because => {
      if (ofObstacle(JSON.stringify(because))) write({ type: 'nothing-begins', at: clock.now(), because })
    },
    chose: (wpId, step, { now, agents, ceiling }) => {
      const known = ofAgents(JSON.stringify(agents)) ? agents : null
      write({ type: 'step', at: now, wpId, step: recordedStep(step), agents: known, ceiling })
    },
    cameOf: (wpId, outcome) => write({ type: 'outcome', at: clock.now(), wpId, outcome: recordedOutcome(outcome) }),
  }
}

function beginning(
  { agents, review, limits, max_concurrent_wps }: RunContext['config'],
  onlyWps: RunContext['onlyWps'],
  nodes: readonly GraphNode[],
  records: ReadonlyMap<WpId, WpRecord>,
): Omit<BeginEntry, 'type'> {
  const { max_retries, single_agent_mode, fallback_strategy } = agents
  const { max_cycles, reviewer } = review
  const { on_usage_limit, max_wait_seconds } = limits
  return {
    version: recordVersion,
    // No more of the configuration: it may hold what is secret.
    rules: {
      agents: { max_retries, single_agent_mode, fallback_strategy },
      review: { max_cycles, reviewer },
      limits: { on_usage_limit, max_wait_seconds },
    },
    maxConcurrentWps: max_concurrent_wps,
    onlyWps,
    nodes,
    records: [...records.values()].map(recordedWp),
  }
}

/** Whether a value is another one than the last time. */
function changeOf(first: string): (value: string) => boolean {
  let last = first
  return value => {
    const changed = value !== last
    last = value
    return changed
  }
}

/** Events that mostly find the mission as it is known. */
const canChangeNothing: readonly MissionRunEvent['type'][] = [
  'look-began',
  'looked',
  'releases-needed',
  'clock-set-back',
]

function isSameMission(a: MissionRun, b: MissionRun): boolean {
  return a.workPackages === b.workPackages && areSameNodes(a.nodes, b.nodes)
}

/** null: a replay works it out. */
function recordedEvent(event: MissionRunEvent, before: MissionRun): RecordedEvent | null {
  switch (event.type) {
    case 'changed':
    case 'step-began':
      return null
    case 'looked':
      return { type: 'looked', ...changedNodes(before.nodes, event.nodes) }
    case 'decided':
      return { type: 'decided', lane: event.wp.lane, record: recordedWp(event.wp.record) }
    case 'ended': {
      const { end } = event
      return end && 'reason' in end ? { ...event, end: { ...end, reason: brief(end.reason) } } : event
    }
    case 'host-unanswered':
      return { ...event, reason: brief(event.reason) }
    default:
      return event
  }
}

function changedNodes(known: readonly GraphNode[], nodes: readonly GraphNode[]) {
  const whole = known.length !== nodes.length || known.some(({ wpId }, index) => wpId !== nodes[index]?.wpId)
  if (whole) return { whole, nodes }
  return { whole, nodes: nodes.filter((node, index) => !isSameNode(node, known[index] ?? node)) }
}
