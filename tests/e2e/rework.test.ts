import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { orchestrated, realScenario } from './support/scenario.ts'
import { movesOf } from './support/straight.ts'

const problem = 'The greeting lacks a name'
const findings = [{ severity: 'high', file: 'src/WP01.txt', line: null, problem, change: 'Add the name' }]

it('a rejection reaches the next implementation; too many reach a person, who says retry', async () => {
  const scenario = await realScenario({
    shape: 'pair',
    topology: 'lanes',
    subtasks: [0, 0],
    rules: [
      { role: 'review', wp: 'WP01', attempt: 1, do: 'reject', summary: 'Nearly.', findings },
      { role: 'review', wp: 'WP02', attempt: 1, do: 'reject', summary: 'Not at all.' },
    ],
  })
  const story = (wpId: string) =>
    movesOf(scenario).flatMap(({ wp_id, to_lane, review_result }) =>
      wp_id === wpId ? [review_result ? `${to_lane}: ${review_result.verdict}` : to_lane] : [],
    )

  const first = await orchestrated(scenario, '--wp', 'WP01')

  expect([first.exitCode, first.stderr]).toEqual([0, ''])
  expect(story('WP01')).toEqual([
    'claimed',
    'in_progress',
    'for_review',
    'in_review',
    'in_progress: changes_requested',
    'for_review',
    'in_review',
    'approved: approved',
  ])
  const rejected = movesOf(scenario).find(move => move.review_result?.verdict === 'changes_requested')
  expect(rejected?.reason).toBe(`changes requested: Nearly.\n- [high] src/WP01.txt ${problem}`)
  const prompts = first
    .events()
    .filter(event => event.type === 'attempt-started')
    .map(event => [event.role, event.cycle, readFileSync(`${event.log}.prompt.md`, 'utf8').includes(problem)])
  expect(prompts).toEqual([
    ['implementation', 1, false],
    ['review', 1, false],
    ['implementation', 2, true],
    ['review', 2, true],
  ])
  expect(story('WP02')).toEqual([])

  await scenario.configure('review: {max_cycles: 1}\n')
  const second = await orchestrated(scenario)

  expect(second.exitCode).toBe(1)
  expect(second.stdout).toMatch(/^Next:\n {2}sko retry WP02 {3}\(.+\)\n {2}sko resume {3}\(/m)
  expect(story('WP02')).toEqual(['claimed', 'in_progress', 'for_review', 'in_review', 'blocked: changes_requested'])
  expect(movesOf(scenario).at(-1)?.reason).toContain('next: sko retry WP02')

  const retry = await scenario.start('retry', 'WP02', '--reason', 'I explained it').exited
  expect([retry.exitCode, retry.stderr]).toEqual([0, ''])
  const third = await scenario.start('resume').exited

  expect([third.exitCode, third.stderr]).toEqual([0, ''])
  expect(story('WP02').slice(-4)).toEqual(['in_progress', 'for_review', 'in_review', 'approved: approved'])
  expect(movesOf(scenario).find(move => move.from_lane === 'blocked')?.reason).toBe('retry: I explained it')
  expect(movesOf(scenario).filter(move => move.force)).toEqual([])
})
