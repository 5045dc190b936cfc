import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bringBackFile, isPlannedOnlyOn, plannedBranch } from '../../../src/git/main/planned-files.ts'
import { scratchRepository } from '../scratch-repository.ts'

const tasks = 'kitty-specs/demo/tasks'

/** The mission is planned on `work`, and `main` is as it was before. */
function planned() {
  const { root, git } = scratchRepository()
  git(root, 'branch', 'main')
  mkdirSync(join(root, tasks), { recursive: true })
  for (const name of ['WP01-one.md', 'WP02.md', 'WP020-other.md']) writeFileSync(join(root, tasks, name), `${name}\n`)
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'Plan')
  git(root, 'branch', 'kitty/mission-demo')
  return { root, git: (...args: readonly string[]) => git(root, ...args) }
}

it('the branch on which a mission was planned is the one that has its tasks, and no guess where several have', async () => {
  const { root, git } = planned()
  git('checkout', '--quiet', 'main')
  expect(await plannedBranch(root, 'demo')).toBe('work')
  expect(await plannedBranch(root, 'other')).toBeNull()
  git('branch', 'copy', 'work')
  expect(await plannedBranch(root, 'demo')).toBeNull()
})

it.each<readonly [string, string, readonly (readonly string[])[], boolean]>([
  ['alone, beside branches without the mission and the ones of the host', 'work', [], true],
  ['where a remote has it too', 'work', [['update-ref', 'refs/remotes/origin/work', 'work']], true],
  ['not where a branch was made from it', 'work', [['branch', 'copy']], false],
  ['not where a remote has such a branch', 'work', [['update-ref', 'refs/remotes/origin/copy', 'work']], false],
  ['not a branch without it', 'main', [], false],
  ['not one that is not there', 'nowhere', [], false],
  ['not where git cannot read', 'work', [['config', 'core.repositoryformatversion', '7']], false],
])('a mission is planned on one branch %s', async (_, branch, before, expected) => {
  const { root, git } = planned()
  for (const args of before) git(...args)
  expect(await isPlannedOnlyOn(root, 'demo', branch)).toBe(expected)
})

it.each([
  ['in a commit', 'WP01', 'WP01-one.md', ['commit', '--quiet', '--message', 'Drop']],
  ['in a commit, others after it', 'WP02', 'WP02.md', ['commit', '--quiet', '--message', 'Drop']],
  ['and added to the index', 'WP01', 'WP01-one.md', ['status']],
])('the command for a file that was removed %s brings it back', async (_, wpId, name, then) => {
  const { root, git } = planned()
  git('rm', '--quiet', join(tasks, name))
  git(...then)
  if (wpId === 'WP02') git('commit', '--quiet', '--allow-empty', '--message', 'Go on')
  const command = await bringBackFile(root, 'demo', wpId)
  execFileSync('sh', ['-c', command ?? 'false'])
  expect(existsSync(join(root, tasks, name))).toBe(true)
})

it('the command for one that was only deleted, and none for one that never was', async () => {
  const { root } = planned()
  rmSync(join(root, tasks, 'WP01-one.md'))
  execFileSync('sh', ['-c', (await bringBackFile(root, 'demo', 'WP01')) ?? 'false'])
  expect(existsSync(join(root, tasks, 'WP01-one.md'))).toBe(true)
  expect(await bringBackFile(root, 'demo', 'WP09')).toBeNull()
  expect(await bringBackFile(root, 'demo *', 'WP01')).toBeNull()
})
