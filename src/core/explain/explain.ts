import type { WpId } from '../ids.ts'
import type { GraphNode } from '../mission/graph.ts'
import type { Lane } from '../mission/lane.ts'
import { inRun, type MissionRun } from '../mission/mission-run.ts'
import type { Schedule } from '../mission/schedule.ts'
import type { Entry, Obstacle } from './entry.ts'
import { type PassedOver, passedOver } from './passed-over.ts'
import type { RecordedOutcome, RecordedStep } from './recorded.ts'
import type { Decision, Replayed } from './replay.ts'
import { type Moment, type WhyWaits, whyWaits } from './why-waits.ts'

/** The explanation of a run: its decisions, each with what the loop knew, and other events. In order of time. */
export type Explained = { readonly at: number } & (
  | { readonly kind: 'process'; readonly workPackages: number; readonly maxConcurrentWps: number }
  | ExplainedWait
  | ExplainedStart
  | ExplainedStep
  /** Its driver has ended, and not by its own last step. */
  | { readonly kind: 'released'; readonly wpId: WpId; readonly reason: string | null }
  | { readonly kind: 'event'; readonly event: Happened }
  | ExplainedDifference
  | { readonly kind: 'lost' }
)

/** `until`: when it did not wait for this any more; null: it still did when the record of the process ended. */
export interface ExplainedWait {
  readonly kind: 'waits'
  readonly wpId: WpId
  readonly lane: Lane
  readonly why: WhyWaits
  readonly until: number | null
}

/** `after`: what it depends on. `beside`: the WPs that run already. */
export interface ExplainedStart {
  readonly kind: 'starts'
  readonly wpId: WpId
  readonly lane: Lane
  readonly after: readonly Pick<GraphNode, 'wpId' | 'lane'>[]
  readonly beside: readonly WpId[]
}

export interface ExplainedStep {
  readonly kind: 'step'
  readonly wpId: WpId
  readonly lane: Lane
  readonly cycle: number
  readonly step: RecordedStep
  readonly passedOver: readonly PassedOver[]
  /** null: none was seen. */
  readonly outcome: RecordedOutcome | null
}

/** What the rules of this version choose in place of what was chosen. */
export type ExplainedDifference = { readonly kind: 'differs'; readonly wpIds: readonly WpId[] } & (
  | { readonly what: 'schedule'; readonly chosen: Schedule; readonly today: Schedule }
  | { readonly what: 'step'; readonly chosen: RecordedStep; readonly today: RecordedStep }
  /** They have led to another state of the WP, in which this step means nothing. */
  | { readonly what: 'outcome'; readonly chosen: RecordedStep }
  | { readonly what: 'taken-away'; readonly chosen: readonly WpId[]; readonly today: readonly WpId[] }
)

export type Happened = Extract<
  Entry,
  { type: 'paused' | 'continued' | 'clock-set-back' | 'taken-away' | 'decided' | 'skip-began' | 'skip-failed' }
>

/** The explanation of one process of a run. A wait that stays the same is listed once. */
export function explain(replayed: readonly Replayed[]): readonly Explained[] {
  const tell = createExplainer()
  const all = replayed.flatMap((moment, index) => [
    ...differenceIn(moment),
    ...tell(moment, () => outcomeAfter(replayed, index)),
  ])
  return withoutRepeats(all)
}

/** A WP that does not wait any more has no `why`. */
type Look = { readonly at: number } & Omit<ExplainedWait, 'why' | 'until'> & { readonly why: WhyWaits | null }

type Explanation = Exclude<Explained, { kind: 'waits' }> | Look

function createExplainer(): (moment: Replayed, outcome: () => RecordedOutcome | null) => readonly Explanation[] {
  const reasons = new Map<WpId, string>()
  let obstacle: Obstacle | null = null
  let last: Pick<Moment, 'input' | 'chosen'> | null = null

  const look = ({ entry: { at }, known }: Replayed): readonly Explanation[] => {
    if (!last) return []
    const reasonOf = (wpId: WpId) => inRun(known, wpId).trouble?.reason ?? reasons.get(wpId) ?? ''
    const moment = { ...last, obstacle, reasonOf }
    return moment.input.nodes.map(node => {
      const { wpId, lane } = node
      return { kind: 'waits', at, wpId, lane, why: whyWaits(node, moment) }
    })
  }

  return (moment, outcome) => {
    const { entry, known, decision } = moment
    switch (entry.type) {
      case 'nothing-begins':
        obstacle = entry.because
        return look(moment)
      case 'schedule':
        if (decision?.kind === 'schedule') last = decision
        return look(moment)
      case 'ended':
        if (entry.end && 'reason' in entry.end) reasons.set(entry.wpId, entry.end.reason)
        return releasedBy(entry)
      case 'started':
        return [startOf(entry, known)]
      case 'step':
        return decision?.kind === 'step' ? [stepOf(entry, decision, outcome())] : []
      default:
        return besideDecisions(entry)
    }
  }
}

function besideDecisions(entry: Entry): readonly Explanation[] {
  const { at } = entry
  switch (entry.type) {
    case 'begin':
      return [{ kind: 'process', at, workPackages: entry.nodes.length, maxConcurrentWps: entry.maxConcurrentWps }]
    case 'lost':
      return [{ kind: 'lost', at }]
    case 'paused':
    case 'continued':
    case 'clock-set-back':
    case 'taken-away':
    case 'decided':
    case 'skip-began':
    case 'skip-failed':
      return [{ kind: 'event', at, event: entry }]
    default:
      return []
  }
}

/** Every other end is that of the last step. */
function releasedBy({ at, wpId, end }: Extract<Entry, { type: 'ended' }>): readonly Explanation[] {
  if (end === null) return [{ kind: 'released', at, wpId, reason: null }]
  const isHeld = end.kind === 'finish' && end.end === 'held' && end.by === 'budget'
  return isHeld ? [{ kind: 'released', at, wpId, reason: end.reason }] : []
}

function startOf({ at, wpId }: Extract<Entry, { type: 'started' }>, { nodes, workPackages }: MissionRun): Explanation {
  const node = nodes.find(other => other.wpId === wpId)
  const after = nodes.filter(other => node?.dependencies.includes(other.wpId))
  const beside = [...workPackages].filter(([, { state }]) => state.kind === 'active').map(([other]) => other)
  return { kind: 'starts', at, wpId, lane: node?.lane ?? 'planned', after, beside }
}

function stepOf(
  { at, wpId, step }: Extract<Entry, { type: 'step' }>,
  { wp, context }: Extract<Decision, { kind: 'step' }>,
  outcome: RecordedOutcome | null,
): Explanation {
  const { lane, record } = wp
  const role = lane === 'for_review' || lane === 'in_review' ? 'review' : 'implementation'
  const choosesAgent = step.agent !== null && step.kind !== 'submit'
  const over =
    choosesAgent || step.kind === 'wait'
      ? passedOver(role, record, context.agents[role], context.config, context.now, step.agent)
      : []
  return { kind: 'step', at, wpId, lane, cycle: record.cycle, step, passedOver: over, outcome }
}

/** What came of the step of a WP that was chosen at this place; null: nothing was recorded. */
function outcomeAfter(replayed: readonly Replayed[], index: number): RecordedOutcome | null {
  const chosen = replayed[index]?.entry
  if (chosen?.type !== 'step') return null
  for (let next = index + 1; next < replayed.length; next += 1) {
    const entry = replayed[next]?.entry
    if (entry?.type === 'outcome' && entry.wpId === chosen.wpId) return entry.outcome
    if ((entry?.type === 'step' || entry?.type === 'ended') && entry.wpId === chosen.wpId) return null
  }
  return null
}

function differenceIn({ entry: { at }, decision }: Replayed): readonly Explanation[] {
  switch (decision?.kind) {
    case 'schedule': {
      const { chosen, today } = decision
      const wpIds = today ? [...chosen.start, ...chosen.resolve, ...today.start, ...today.resolve] : []
      return today ? [{ kind: 'differs', at, what: 'schedule', wpIds: [...new Set(wpIds)], chosen, today }] : []
    }
    case 'step': {
      const { wp, chosen, today } = decision
      return today ? [{ kind: 'differs', at, what: 'step', wpIds: [wp.wpId], chosen, today }] : []
    }
    case 'outcome':
      return [{ kind: 'differs', at, what: 'outcome', wpIds: [decision.wp.wpId], chosen: decision.chosen }]
    case 'taken-away': {
      const { chosen, today } = decision
      return today ? [{ kind: 'differs', at, what: 'taken-away', wpIds: [...chosen, ...today], chosen, today }] : []
    }
    case undefined:
      return []
  }
}

function withoutRepeats(all: readonly Explanation[]): readonly Explained[] {
  const open = new Map<WpId, { readonly place: number; readonly key: string }>()
  const result: Explained[] = []
  const close = (wpId: WpId, at: number): void => {
    const place = open.get(wpId)?.place ?? -1
    const wait = result[place]
    if (wait?.kind === 'waits') result[place] = { ...wait, until: at }
    open.delete(wpId)
  }
  for (const item of all) {
    if (item.kind === 'starts') close(item.wpId, item.at)
    if (item.kind !== 'waits') {
      result.push(item)
      continue
    }
    const { wpId, why } = item
    const key = why && keyOf(why)
    if (open.get(wpId)?.key === key) continue
    close(wpId, item.at)
    if (why === null || key === null) continue
    open.set(wpId, { place: result.length, key })
    result.push({ ...item, why, until: null })
  }
  return result
}

/** Two waits with the same key are one: what a WP waits for moves on meanwhile. */
function keyOf(why: WhyWaits): string {
  switch (why.kind) {
    case 'dependencies':
      return JSON.stringify(why.on.map(({ wpId, unvouched }) => [wpId, unvouched]))
    case 'slots':
    case 'worktrees-unknown':
      return why.kind
    default:
      return JSON.stringify(why)
  }
}
