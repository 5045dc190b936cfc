import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepAs, scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

/** An agent or a tool ran `git config core.worktree <folder>`, and the worktrees of this repository have settings of their own. */
function ledElsewhere(setting: readonly [string, string]) {
  const repository = scratchRepository()
  const { root, git } = repository
  const elsewhere = join(root, '..', 'elsewhere')
  mkdirSync(elsewhere)
  git(root, 'config', 'extensions.worktreeConfig', 'true')
  git(root, 'config', setting[0], setting[1].replace('ELSEWHERE', elsewhere))
  return { ...repository, elsewhere, workspace: createWorkspace(root) }
}

describe.each([
  ['core.worktree', 'ELSEWHERE'],
  ['core.bare', 'true'],
] as const)('%s set to %s leads git elsewhere in no lane worktree', (key, value) => {
  it('commits what is in the lane', async () => {
    const { lane, git, workspace } = ledElsewhere([key, value])
    const before = git(lane, 'ls-tree', '-r', '--name-only', 'HEAD')
    writeFileSync(join(lane, 'new.txt'), 'new\n')

    await workspace.commitAll(lane, 'WP01: work')

    expect(git(lane, 'ls-tree', '-r', '--name-only', 'HEAD').split('\n').toSorted()).toEqual(
      [...before.split('\n'), 'new.txt'].filter(Boolean).toSorted(),
    )
    expect(await workspace.inspect(lane)).toMatchObject({ kind: 'ready', dirty: false })
  })

  it('puts back what was there, and writes nowhere else', async () => {
    const { lane, root, elsewhere, workspace } = ledElsewhere([key, value])
    const state = await workspace.inspect(lane)
    if (state.kind !== 'ready') throw new Error(state.kind)
    writeFileSync(join(lane, 'stray.txt'), 'stray\n')
    writeFileSync(join(elsewhere, 'theirs.txt'), 'theirs\n')

    const as = keepAs(join(root, '..', 'kept.patch'))
    await workspace.restore(lane, { head: state.head, branch: state.branch }, as)

    expect(existsSync(join(lane, 'stray.txt'))).toBe(false)
    expect(readFileSync(join(elsewhere, 'theirs.txt'), 'utf8')).toBe('theirs\n')
  })
})
