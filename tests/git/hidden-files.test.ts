import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

it.each([
  ['--skip-worktree', ['base.txt']],
  ['--assume-unchanged', ['base.txt']],
  ['--no-skip-worktree', []],
])('files in which git is set to see no change, by %s', async (flag, expected) => {
  const { root, lane, git } = scratchRepository()
  git(lane, 'update-index', flag, 'base.txt')
  writeFileSync(join(lane, 'base.txt'), 'patched\n')
  expect(await createWorkspace(root).hiddenFiles(lane)).toEqual(expected)
})

it('names no file that a sparse checkout of the project leaves out, but what lies in its place', async () => {
  const { root, lane, git } = scratchRepository()
  git(root, 'config', 'core.sparseCheckout', 'true')
  git(lane, 'update-index', '--skip-worktree', 'base.txt')
  rmSync(join(lane, 'base.txt'))
  const workspace = createWorkspace(root)
  expect(await workspace.hiddenFiles(lane)).toEqual([])
  git(root, 'config', 'core.sparseCheckout', 'false')
  expect(await workspace.hiddenFiles(lane)).toEqual(['base.txt'])
})
