import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { SkoResult } from '../../cli/support/run-sko.ts'
import type { AgentRule } from '../../cli/support/scenario.ts'
import { type LaneEvent, laneEvents } from './host-record.ts'
import { orchestrated, type RealScenario, type RealScenarioOptions, realScenario } from './scenario.ts'

/** The agent does its work and says nothing of the subtask, once; the host then refuses the WP and says why. */
export const forgetful = 'WP02'
const forget: AgentRule = { role: 'implementation', wp: forgetful, attempt: 1, do: 'ok', markSubtasks: false }

export interface Straight extends RealScenarioOptions {
  readonly flags?: readonly string[]
}

export interface Done {
  readonly scenario: RealScenario
  readonly result: SkoResult
}

/** A mission with one subtask, forgotten at first, that one `sko orchestrate` takes to its end. */
export async function takeToDone({ flags = [], ...options }: Straight): Promise<Done> {
  const scenario = await realScenario({ ...options, subtasks: [0, 1, 0, 0], rules: [forget] })
  const result = await orchestrated(scenario, ...flags)
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expectDone(scenario)
  expectForgottenOnce(scenario, result)
  return { scenario, result }
}

/**
 * All approved on the direct way and, once merged, done; nothing forced, everything of ours under one name, and no WP
 * before those that it depends on.
 */
export function expectDone(scenario: RealScenario): void {
  const moves = movesOf(scenario)
  expect(moves.filter(move => move.force)).toEqual([])
  const [byMerge, ours] = [moves.filter(isOfMerge), moves.filter(move => !isOfMerge(move))]
  expect([...new Set(ours.map(move => move.actor))]).toEqual(['spec-kitty-orchestrator'])
  for (const { id, dependencies } of scenario.workPackages) {
    const own = moves.filter(move => move.wp_id === id)
    expect([id, ...own.map(move => move.to_lane)]).toEqual([
      id,
      'claimed',
      'in_progress',
      'for_review',
      'in_review',
      'approved',
      ...(byMerge.length > 0 ? ['done'] : []),
    ])
    const claimed = moves.findIndex(move => move.wp_id === id)
    for (const other of dependencies) {
      expect(moves.findIndex(move => move.wp_id === other && move.to_lane === 'approved')).toBeLessThan(claimed)
    }
  }
}

/** Measured (3.2.7): the name under which the host's merge moves what was approved. */
function isOfMerge({ actor, from_lane, to_lane }: LaneEvent): boolean {
  return actor === 'merge' && from_lane === 'approved' && to_lane === 'done'
}

/** Without those of the planning. */
export function movesOf(scenario: RealScenario): readonly LaneEvent[] {
  return laneEvents(scenario).filter(({ to_lane }) => to_lane !== 'planned')
}

function expectForgottenOnce(scenario: RealScenario, result: SkoResult): void {
  const events = result.events().filter(event => event.wpId === forgetful)
  const refused = events.filter(event => event.type === 'host-refused')
  expect(refused).toEqual([expect.objectContaining({ step: 'submit', message: expect.stringMatching(/subtask/i) })])
  const attempts = events.filter(event => event.type === 'attempt-started' && event.role === 'implementation')
  expect(attempts.map(event => event.cycle)).toEqual([1, 1])
  const prompts = attempts.map(event => readFileSync(`${event.log}.prompt.md`, 'utf8'))
  expect(prompts.map(prompt => /^Fix the cause, then finish again\. Its reason: (.*)/m.exec(prompt)?.[1])).toEqual([
    undefined,
    String(refused[0]?.message).replace('TRANSITION_REJECTED: ', ''),
  ])
  expect(scenario.hostCalls().filter(call => call === 'mark-status')).toHaveLength(1)
}

/** What the host itself stored of the acceptance. */
export function acceptedBy({ repo, mission }: RealScenario): unknown {
  return JSON.parse(readFileSync(join(repo, 'kitty-specs', mission, 'meta.json'), 'utf8')).accepted_by
}

/** Calls of one WP, in their order. */
export function callsOf(scenario: RealScenario, wpId: string): readonly string[] {
  return scenario.hostCalls().flatMap(call => (call.split(' ')[1] === wpId ? [call.replace(` ${wpId}`, '')] : []))
}
