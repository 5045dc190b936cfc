import { expect, it } from 'vitest'
import { checkSummary } from '../../src/host/check-summary.ts'

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

it('recognises a lost coordination worktree', () => {
  expect(checkSummary(state({ planned: 0, done: 0 }, ['planned', 'planned']))).toMatch(
    /lists 2 work packages.*counts 0.*coordination worktree/,
  )
})
