import fc from 'fast-check'
import type { Config } from '../../src/config/schema.ts'
import { type FailureClass, failureClasses } from '../../src/core/failure.ts'
import type { WpId } from '../../src/core/ids.ts'
import type { Role } from '../../src/core/work-package.ts'
import type { PlannedWp } from '../run/fakes/memory-host.ts'
import {
  type Action,
  approves,
  approvesWithHigh,
  type Behaviour,
  changesNothing,
  fails,
  implements_,
  rejects,
  saysBoth,
  writesProse,
} from '../run/fakes/scripted-agents.ts'
import { configOf, wp } from '../run/fakes.ts'

export interface RandomMission {
  readonly wps: readonly PlannedWp[]
  /** Per WP and role, per cycle: what the attempts do, in order; beyond the end all goes well. */
  readonly scripts: Readonly<Record<WpId, Readonly<Record<Role, readonly (readonly Action[])[]>>>>
  readonly config: Config
  readonly topology: 'coord' | 'lanes'
  readonly seed: number
}

export interface Choices {
  readonly failures: readonly FailureClass[]
  readonly onUsageLimit: readonly Config['limits']['on_usage_limit'][]
}

/** Everything that may go wrong. */
export const everything: Choices = { failures: failureClasses, onUsageLimit: ['wait', 'switch', 'stop'] }

/** Only what makes the outcome a function of each WP's own attempts: what puts an agent out does so for all of them. */
export const independent: Choices = {
  failures: failureClasses.filter(name => !['auth', 'billing', 'missing-binary', 'bad-invocation'].includes(name)),
  onUsageLimit: ['wait'],
}

const weekInSeconds = 7 * 24 * 3600

function failing({ failures }: Choices): fc.Arbitrary<Action> {
  return fc
    .record({ name: fc.constantFrom(...failures), change: fc.constantFrom('none', 'dirty', 'commit') })
    .map(({ name, change }) => fails(name, { change }))
}

function actions(role: Role, choices: Choices): fc.Arbitrary<Action> {
  if (role === 'review') {
    const strange = fc.constantFrom<Action>(
      writesProse,
      approvesWithHigh,
      saysBoth,
      { ...approves, change: 'commit' },
      { ...approves, change: 'dirty' },
      { ...rejects, change: 'dirty' },
      { ...approves, change: 'other-branch' },
    )
    return fc.oneof(fc.constantFrom(approves, rejects, rejects), strange, failing(choices))
  }
  const odd = fc.constantFrom<Action>(
    changesNothing,
    { ...implements_, change: 'dirty' },
    { ...implements_, marksSubtasks: false },
    { ...implements_, change: 'other-branch' },
  )
  return fc.oneof(fc.constant(implements_), odd, failing(choices))
}

function script(role: Role, choices: Choices): fc.Arbitrary<readonly (readonly Action[])[]> {
  return fc.array(fc.array(actions(role, choices), { maxLength: 4 }), { maxLength: 4 })
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
    })
    .map(({ max_concurrent_wps, slots, max_retries, fallback_strategy, review, on_usage_limit, merge }) =>
      configOf({
        max_concurrent_wps,
        review,
        agents: { max_retries, fallback_strategy, settings: { ada: { max_concurrent: slots } } },
        limits: { on_usage_limit, ...(choices === independent ? { max_wait_seconds: weekInSeconds } : {}) },
        finish: { merge },
      }),
    )
}

/** 1 to 10 WPs in any order of dependencies, some of them in the same lane worktree. */
export function randomMission(choices: Choices): fc.Arbitrary<RandomMission> {
  const one = fc.record({
    dependencies: fc.array(fc.nat(8), { maxLength: 3 }),
    lane: fc.nat(9),
    subtasks: fc.boolean(),
    implementation: script('implementation', choices),
    review: script('review', choices),
  })
  return fc
    .record({
      drawn: fc.array(one, { minLength: 1, maxLength: 10 }),
      config: configs(choices),
      topology: fc.constantFrom('coord', 'lanes'),
      seed: fc.integer(),
    })
    .map(({ drawn, config, topology, seed }) => {
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
      return { wps, scripts, config, topology, seed }
    })
}

/** The scripts as a function of WP, role, cycle and attempt of the cycle, and of nothing else. */
export function behaviourOf(mission: RandomMission, random: () => number): Behaviour {
  return ({ wpId, role, cycle }, index) => {
    const planned = mission.scripts[wpId]?.[role][cycle - 1]?.[index]
    const action = planned ?? (role === 'implementation' ? implements_ : approves)
    return { ...action, ms: action.ms * (0.05 + 3 * random()) }
  }
}
