import {
  type BeginEntry,
  type Entry,
  type LostEntry,
  type NothingBeginsEntry,
  type OutcomeEntry,
  type RecordedEvent,
  recordVersion,
  type ScheduleEntry,
  type StepEntry,
} from '../../../src/core/explain/entry.ts'
import { type Explained, explain } from '../../../src/core/explain/explain.ts'
import { type RecordedOutcome, recordedStep, recordedWp } from '../../../src/core/explain/recorded.ts'
import { replay } from '../../../src/core/explain/replay.ts'
import type { WpId } from '../../../src/core/ids.ts'
import type { GraphNode } from '../../../src/core/mission/graph.ts'
import type { DriverEnd, Step } from '../../../src/core/work-package/step.ts'
import type { WpRecord } from '../../../src/core/work-package/work-package.ts'
import { ada, bob, config, fact, now, wp } from '../samples.ts'

export const wp01 = wp('WP01')
export const wp02 = wp('WP02')
export const wp03 = wp('WP03')

/** In order of preference for both roles. */
export const agents = { implementation: [fact(ada), fact(bob)], review: [fact(ada), fact(bob)] }

/** An entry without its time. */
export type Part =
  | BeginEntry
  | RecordedEvent
  | ScheduleEntry
  | NothingBeginsEntry
  | StepEntry
  | OutcomeEntry
  | LostEntry

/** Entries of one process, the first at `now` and each a second after the one before. */
export function entriesOf(...parts: readonly Part[]): readonly Entry[] {
  return parts.map((part, index) => ({ ...part, at: now + index * 1000 }))
}

/** When the entry at this place was written. */
export const atEntry = (place: number): number => now + place * 1000

export function begin(
  nodes: readonly GraphNode[],
  more: Partial<Omit<BeginEntry, 'records'>> & { readonly records?: readonly WpRecord[] } = {},
): BeginEntry {
  const records = (more.records ?? []).map(recordedWp)
  const { rules = config(), maxConcurrentWps = 2, onlyWps = null } = more
  return { type: 'begin', version: recordVersion, rules, maxConcurrentWps, onlyWps, nodes, records }
}

export function scheduled(
  start: readonly WpId[],
  more: { readonly resolve?: readonly WpId[]; readonly unvouched?: readonly WpId[] | null } = {},
) {
  return { type: 'schedule', start, resolve: [], unvouched: null, ...more } as const
}

export function started(wpId: WpId) {
  return { type: 'started', wpId } as const
}

export function chose(wpId: WpId, step: Step, given: typeof agents | null = agents) {
  const ceiling = { implementation: null, review: null }
  return { type: 'step', wpId, step: recordedStep(step), agents: given, ceiling } as const
}

export function came(wpId: WpId, outcome: RecordedOutcome) {
  return { type: 'outcome', wpId, outcome } as const
}

export function looked(nodes: readonly GraphNode[], whole = true) {
  return { type: 'looked', whole, nodes } as const
}

export function takenAway(wpId: WpId) {
  return { type: 'taken-away', wpId, from: 'in_progress', to: 'planned' } as const
}

export function ended(wpId: WpId, end: DriverEnd) {
  return { type: 'ended', wpId, end, now } as const
}

export const explained = (...parts: readonly Part[]): readonly Explained[] => explain(replay(entriesOf(...parts)))

export function ofKind<K extends Explained['kind']>(all: readonly Explained[], kind: K) {
  return all.filter((one): one is Extract<Explained, { kind: K }> => one.kind === kind)
}
