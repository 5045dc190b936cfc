import { expect, it } from 'vitest'
import { checkSummary } from '../../../src/run/mission/check-summary.ts'

const state = (summary: Record<string, number>, lanes: readonly string[]) => ({
  mission_slug: 'demo-01M7YJ68',
  summary,
  work_packages: lanes.map((lane, index) => ({ wp_id: `WP0${index + 1}`, lane, dependencies: [] })),
})

it.each([
  [{ planned: 1, done: 1 }, ['planned', 'done']],
  [{}, []],
  [{ planned: 0, hovering: 1 }, ['hovering']],
])('believes %j', (summary, lanes) => {
  expect(checkSummary(state(summary, lanes))).toBeNull()
})

it.each([
  [{ planned: 0, done: 0 }, /lists 2 work packages.*counts 0: the host does not find its record of the lanes/],
  [
    { planned: 1, done: 0 },
    /lists 2 work packages.*counts 1: the record of the lanes at the host does not have them all/,
  ],
])('does not believe %j of two', (summary, words) => {
  expect(checkSummary(state(summary, ['planned', 'planned']))).toMatch(words)
})
