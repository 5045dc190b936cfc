import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { orchestrated, realScenario } from './support/scenario.ts'
import { expectDone, movesOf } from './support/straight.ts'

it('two work packages that are ready together take turns in the one worktree they share; one that does nothing there has done nothing', async () => {
  const scenario = await realScenario({
    shape: 'fork',
    topology: 'coord',
    sharedLanes: true,
    config: "checks: ['test -f src/WP01.txt']\n",
    subtasks: [0, 0, 1],
    rules: [
      { role: 'implementation', wp: 'WP03', attempt: 1, do: 'no-change' },
      { role: 'implementation', wp: 'WP03', do: 'commit' },
    ],
  })

  const result = await orchestrated(scenario, '--no-accept')

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expectDone(scenario)
  // From the claim to the end nothing happens to any other.
  const turns = movesOf(scenario).map(move => move.wp_id)
  expect(turns.filter((wpId, at) => wpId !== turns[at - 1])).toHaveLength(3)
  const agents = result.events().filter(event => /^attempt-(?:started|ended)$/.test(event.type))
  expect(agents.map(event => event.type)).toEqual(agents.map((_, at) => (at % 2 ? 'attempt-ended' : 'attempt-started')))
  const places = new Set(scenario.starts().map(start => start.cwd))
  expect([...places]).toEqual([expect.stringMatching(/-lane-a$/)])

  // The host would have taken it: measured, the commits of the others are enough for it.
  const idle = result.events().filter(event => event.type === 'attempt-void')
  expect(idle).toEqual([
    expect.objectContaining({ wpId: 'WP03', failure: expect.objectContaining({ class: 'no-change' }) }),
  ])

  // Its own part alone, and nothing that the host's own command for subtasks leaves in the worktree.
  const reviewed = result
    .events()
    .find(event => event.wpId === 'WP03' && event.type === 'attempt-started' && event.role === 'review')
  const prompt = readFileSync(`${reviewed?.log}.prompt.md`, 'utf8')
  expect(/^Changed outside .*:\n((?:- .*\n)*)/m.exec(prompt)?.[1]).toBe('- src/WP03.txt\n')
  expect(prompt).toContain('- `test -f src/WP01.txt`: exit 0\n')

  const log = await scenario.git(
    'log',
    '--reverse',
    '--no-merges',
    '--name-only',
    '--format=%n%s',
    ...onLane(scenario.mission),
  )
  expect(log.trim().split('\n\n')).toEqual([
    'WP01: attempt 1 by scripted',
    'src/WP01.txt',
    'WP02: attempt 1 by scripted',
    'src/WP02.txt',
    'WP03: work of the fake agent',
    'src/WP03.txt',
  ])
})

/** What the lane has of its own. */
function onLane(mission: string): readonly string[] {
  return [`kitty/mission-${mission}-lane-a`, `^kitty/mission-${mission}`, '^work']
}
