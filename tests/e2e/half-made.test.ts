import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'
import { callsOf, movesOf } from './support/straight.ts'

it('a claim that was killed half-way is cured once, and never at the cost of a file that is nowhere else', async () => {
  const scenario = await realScenario({ shape: 'pair', topology: 'coord', subtasks: [0, 0] })
  const empty = await leaveHalfMade(scenario, 'lane-a')
  const used = await leaveHalfMade(scenario, 'lane-b')
  await writeFile(join(used, 'notes.txt'), 'of somebody\n')

  const result = await orchestrated(scenario)

  expect([result.exitCode, result.stderr]).toEqual([1, ''])
  const of = (wpId: string) => movesOf(scenario).filter(move => move.wp_id === wpId)
  expect(callsOf(scenario, 'WP01').filter(call => call === 'start-implementation')).toHaveLength(2)
  expect(of('WP01').map(move => move.to_lane)).toEqual([
    'claimed',
    'in_progress',
    'for_review',
    'in_review',
    'approved',
  ])
  expect(await scenario.git('-C', empty, 'status', '--porcelain')).toBe('')
  const removed = result.events().filter(event => event.type === 'half-made-removed')
  expect(removed).toMatchObject([{ wpId: 'WP01', worktree: empty }])

  expect(callsOf(scenario, 'WP02').filter(call => call === 'start-implementation')).toHaveLength(1)
  expect(of('WP02').map(move => move.to_lane)).toEqual(['blocked'])
  expect(of('WP02').at(-1)?.reason).toMatch(/could not make its lane worktree: .*uncommitted changes/)
  expect(result.stdout).toContain(used)
  expect(existsSync(join(used, 'notes.txt'))).toBe(true)
})

/**
 * As a claim leaves it that is killed while the host's git waits for the host's merge driver: the lane branch where the
 * coordination branch was, its worktree, git's lock, and the three files that the driver was to merge.
 */
async function leaveHalfMade(scenario: RealScenario, laneId: string): Promise<string> {
  const { git, mission, repo } = scenario
  const worktree = join(repo, '.worktrees', `${mission}-${laneId}`)
  const branch = `kitty/mission-${mission}`
  await git('worktree', 'add', '--quiet', '-b', `${branch}-${laneId}`, worktree, branch)
  const driver = 'merge.spec-kitty-event-log.driver=kill -KILL $PPID'
  await expect(git('-C', worktree, '-c', driver, 'merge', '--no-edit', 'work')).rejects.toThrow('SIGKILL')
  const gitFolder = await git('-C', worktree, 'rev-parse', '--absolute-git-dir')
  expect(existsSync(join(gitFolder, 'index.lock'))).toBe(true)
  expect(await git('-C', worktree, 'status', '--porcelain')).toMatch(/^\?\? \.merge_file_/)
  return worktree
}
