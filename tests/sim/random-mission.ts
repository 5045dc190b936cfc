import fc from 'fast-check'
import type { Config } from '../../src/config/schema.ts'
import { agentFailureClasses, type FailureClass } from '../../src/core/agent/failure.ts'
import type { WpId } from '../../src/core/ids.ts'
import type { KnownLane } from '../../src/core/mission/lane.ts'
import type { Role } from '../../src/core/work-package/work-package.ts'
import type { CheckRequest } from '../../src/run/ports.ts'
import type { PlannedWp } from '../run/fakes/memory-host.ts'
import {
  type Action,
  approves,
  approvesWithHigh,
  type Behaviour,
  changesNothing,
  fails,
  implements_,
  rejectsFor,
  saysBoth,
  writesProse,
} from '../run/fakes/scripted-agents.ts'
import { configOf, wp } from '../run/fakes.ts'

export interface RandomMission {
  readonly wps: readonly PlannedWp[]
  /** Per WP and role, per cycle: what the attempts do, in order; beyond the end all goes well. */
  readonly scripts: Readonly<Record<WpId, Readonly<Record<Role, readonly (readonly DrawnAction[])[]>>>>
  readonly config: Config
  readonly topology: 'coord' | 'lanes'
  readonly seed: number
  /** WPs whose attempts do the same again and again instead of going well at last. */
  readonly endless: ReadonlySet<WpId>
  /** What a person moves, in order of time. */
  readonly moves: readonly PersonsMove[]
  /** How often a host call fails. */
  readonly faultiness: number
}

export interface PersonsMove {
  readonly afterMs: number
  readonly wpId: WpId
  readonly to: KnownLane
}

/** An attempt as the simulator draws it. */
export interface DrawnAction extends Action {
  /** What it leaves does not pass the configured check. */
  readonly breaksCheck: boolean
}

export interface Choices {
  readonly failures: readonly FailureClass[]
  readonly onUsageLimit: readonly Config['limits']['on_usage_limit'][]
  /** Ceilings, a person's moves and a failing host: what concerns more than one WP. */
  readonly shared: boolean
}

/** Everything that may go wrong. */
export const everything: Choices = {
  failures: agentFailureClasses,
  onUsageLimit: ['wait', 'switch', 'stop'],
  shared: true,
}

/** Only what makes the outcome a function of each WP's own attempts: what puts an agent out does so for all of them. */
export const independent: Choices = {
  failures: agentFailureClasses.filter(name => !['auth', 'billing', 'missing-binary', 'bad-invocation'].includes(name)),
  onUsageLimit: ['wait'],
  shared: false,
}

const weekInSeconds = 7 * 24 * 3600

function failing({ failures }: Choices): fc.Arbitrary<Action> {
  return fc
    .record({
      name: fc.constantFrom(...failures),
      change: fc.constantFrom('none', 'dirty', 'commit'),
      resetsInMs: fc.constantFrom(undefined, 1_000, 60_000, 7_200_000),
    })
    .map(({ name, change, resetsInMs }) => fails(name, { change, ...(resetsInMs ? { resetsInMs } : {}) }))
}

function actions(role: Role, choices: Choices): fc.Arbitrary<Action> {
  if (role === 'review') {
    const strange = fc.constantFrom<Action>(
      writesProse,
      approvesWithHigh,
      saysBoth,
      { ...approves, change: 'commit' },
      { ...approves, change: 'dirty' },
      { ...rejectsFor('it is wrong'), change: 'dirty' },
      { ...approves, change: 'other-branch' },
    )
    const rejection = fc.constantFrom('it is wrong', 'it is slow', 'it leaks').map(rejectsFor)
    return fc.oneof(fc.constant(approves), rejection, strange, failing(choices))
  }
  const odd = fc.constantFrom<Action>(
    changesNothing,
    { ...implements_, change: 'dirty' },
    { ...implements_, marksSubtasks: false },
    { ...implements_, change: 'other-branch' },
  )
  const known = fc
    .record({ tree: fc.constantFrom('A', 'B'), change: fc.constantFrom('commit', 'dirty') })
    .map(({ tree, change }): Action => ({ ...implements_, tree, change }))
  return fc.oneof(fc.constant(implements_), odd, known, failing(choices))
}

function script(role: Role, choices: Choices): fc.Arbitrary<readonly (readonly DrawnAction[])[]> {
  const drawn = fc
    .record({ action: actions(role, choices), luck: fc.nat(3), cost: fc.constantFrom(0, 0.3, 2, null) })
    .map(({ action, luck, cost }) => ({ ...costing(action, cost), breaksCheck: luck === 0 }))
  return fc.array(fc.array(drawn, { maxLength: 4 }), { maxLength: 4 })
}

/** null: it does not tell. */
function costing(action: Action, costUsd: number | null): Action {
  const usage = costUsd === null ? null : { inputTokens: 1_000, outputTokens: 100, costUsd }
  return { ...action, report: { ...action.report, usage } }
}

const untold = { usd: null, tokens: null, wall_clock_seconds: null }

function budgets({ shared }: Choices): fc.Arbitrary<Record<string, unknown>> {
  if (!shared) return fc.constant({})
  return fc.record({
    usd: fc.constantFrom(null, null, null, 1, 5),
    wall_clock_seconds: fc.constantFrom(null, null, null, 1_000),
    work_package: fc.constantFrom(untold, untold, { ...untold, usd: 1 }, { ...untold, tokens: 5_000 }),
    running: fc.constantFrom('finish', 'stop'),
  })
}

/** Of the given WPs, within the first hours. */
function personsMoves({ shared }: Choices, wpIds: readonly WpId[]): fc.Arbitrary<readonly PersonsMove[]> {
  if (!shared) return fc.constant([])
  const move = fc.record({
    afterMs: fc.oneof(fc.nat(300_000), fc.nat(10_000_000)),
    wpId: fc.constantFrom(...wpIds),
    to: fc.constantFrom<KnownLane>('blocked', 'planned', 'canceled', 'in_progress'),
  })
  const some = fc.array(move, { maxLength: 3 }).map(moves => moves.toSorted((a, b) => a.afterMs - b.afterMs))
  return fc.oneof(fc.constant([]), some)
}

function configs(choices: Choices): fc.Arbitrary<Config> {
  return fc
    .record({
      max_concurrent_wps: fc.integer({ min: 1, max: 4 }),
      slots: fc.constantFrom(null, 1, 2),
      max_retries: fc.integer({ min: 0, max: 2 }),
      fallback_strategy: fc.constantFrom('next_in_list', 'same_agent', 'fail'),
      review: fc.record({
        max_cycles: fc.integer({ min: 1, max: 3 }),
        reviewer: fc.constantFrom('require_other', 'prefer_other', 'any'),
        complete_as: fc.constantFrom('done', 'approved'),
      }),
      on_usage_limit: fc.constantFrom(...choices.onUsageLimit),
      merge: fc.constantFrom(null, 'merge'),
      checks: fc.constantFrom([], ['check']),
      budget: budgets(choices),
    })
    .map(
      ({ max_concurrent_wps, slots, max_retries, fallback_strategy, review, on_usage_limit, merge, checks, budget }) =>
        configOf({
          max_concurrent_wps,
          review,
          agents: { max_retries, fallback_strategy, settings: { ada: { max_concurrent: slots } } },
          limits: { on_usage_limit, ...(choices === independent ? { max_wait_seconds: weekInSeconds } : {}) },
          finish: { merge },
          checks,
          budget,
        }),
    )
}

/** 1 to 10 WPs in any order of dependencies, some of them in the same lane worktree. */
export function randomMission(choices: Choices): fc.Arbitrary<RandomMission> {
  const one = fc.record({
    dependencies: fc.array(fc.nat(8), { maxLength: 3 }),
    lane: fc.nat(9),
    subtasks: fc.boolean(),
    endless: fc.nat(9).map(luck => choices.shared && luck < 2),
    implementation: script('implementation', choices),
    review: script('review', choices),
  })
  return fc
    .record({
      drawn: fc.array(one, { minLength: 1, maxLength: 10 }),
      config: configs(choices),
      topology: fc.constantFrom('coord', 'lanes'),
      seed: fc.integer(),
      faultiness: fc.constantFrom(...(choices.shared ? [0, 0, 0.05] : [0])),
    })
    .chain(({ drawn, ...rest }) => {
      const name = (index: number): WpId => wp(`WP${String(index + 1).padStart(2, '0')}`)
      const wps = drawn.map(({ dependencies, lane, subtasks }, index) => ({
        wpId: name(index),
        dependencies: [...new Set(dependencies)].filter(other => other < index).map(name),
        laneId: `lane-${String.fromCharCode(97 + lane)}`,
        subtasks: subtasks ? [`T0${index + 10}`] : [],
      }))
      const scripts = Object.fromEntries(
        drawn.map(({ implementation, review }, index) => [name(index), { implementation, review }]),
      )
      const wpIds = wps.map(({ wpId }) => wpId)
      const endless = new Set(wpIds.filter((_, index) => drawn[index]?.endless))
      return personsMoves(choices, wpIds).map(moves => ({ wps, scripts, endless, ...rest, moves }))
    })
}

export interface Scripted {
  readonly behave: Behaviour
  readonly check: (request: CheckRequest) => number
}

/** The scripts as a function of WP, role, cycle and attempt of the cycle, and of nothing else. */
export function scripted(mission: RandomMission, random: () => number): Scripted {
  const broken = new Set<WpId>()
  return {
    behave: ({ wpId, role, cycle }, index) => {
      const cycles = mission.scripts[wpId]?.[role] ?? []
      const again = <T>(list: readonly T[], at: number) => list[mission.endless.has(wpId) ? at % list.length : at]
      const planned = again(again(cycles, cycle - 1) ?? [], index)
      const action = planned ?? (role === 'implementation' ? implements_ : approves)
      if (role === 'implementation' && planned?.breaksCheck) broken.add(wpId)
      else if (role === 'implementation') broken.delete(wpId)
      const tree = action.tree === undefined ? {} : { tree: `${wpId} ${action.tree}` }
      return { ...action, ...tree, ms: action.ms * (0.05 + 3 * random()) }
    },
    check: ({ wpId }) => (wpId !== null && broken.has(wpId) ? 1 : 0),
  }
}
