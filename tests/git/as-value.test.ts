import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCodes, OrchestratorError } from '../../src/errors.ts'
import { asValue } from '../../src/git/as-value.ts'
import { GitError } from '../../src/git/git-error.ts'
import { createCommits } from '../../src/git/history/commits.ts'
import { keptCopies } from '../../src/git/kept/kept-copies.ts'
import { createMainCheckout } from '../../src/git/main/main-port.ts'
import { createWorkspace } from '../../src/git/worktree/workspace.ts'
import { scratchRepository } from './scratch-repository.ts'

const failure = { ok: false, message: expect.stringMatching(/\S/), cureOn: expect.any(Function) }

/** Calls each method with these arguments. */
async function answersOf(port: object, names: readonly string[], args: readonly unknown[]) {
  const answers = names.map(async name => [name, await Reflect.apply(Reflect.get(port, name), port, args)] as const)
  return Object.fromEntries(await Promise.all(answers))
}

describe('a method of a port', () => {
  it('returns the message of git and the cure, with the branch where the cure needs it', async () => {
    const bound = await asValue(async () => {
      throw new GitError('it failed', branch => `git branch ${branch}`)
    })()
    const free = await asValue(async () => {
      throw new GitError('it failed', 'git worktree repair')
    })()
    expect([bound, free]).toEqual([
      { ...failure, message: 'it failed' },
      { ...failure, message: 'it failed' },
    ])
    if (bound.ok || free.ok) throw new Error('unreachable')
    expect([bound.cureOn('lane'), bound.cureOn(null)]).toEqual(['git branch lane', null])
    expect([free.cureOn('lane'), free.cureOn(null)]).toEqual(['git worktree repair', 'git worktree repair'])
  })

  it('passes on what ends a run, and bugs', async () => {
    const outside = new OrchestratorError({ code: 'path-outside', exitCode: exitCodes.host, message: 'outside' })
    for (const error of [outside, new TypeError('a bug')]) {
      const method = asValue(async () => {
        throw error
      })
      await expect(method()).rejects.toBe(error)
    }
  })

  it('of lane worktrees returns a failure, each of them, where the .git of the worktree leads elsewhere', async () => {
    const { root, lane } = scratchRepository()
    writeFileSync(join(lane, '.git'), `gitdir: ${join(root, '.git')}\n`)
    const workspace = createWorkspace(root)
    const names = Object.keys(workspace).filter(name => name !== 'readPrompt')
    const answers = await answersOf(workspace, names, [lane, 'HEAD', 'HEAD', ['a.txt']])
    expect(answers).toEqual(Object.fromEntries(names.map(name => [name, failure])))
    expect(await workspace.readPrompt(join(root, 'none.md'))).toEqual(failure)
  })

  it('of commits and kept copies returns a failure or what it has without git, where the repository is gone', async () => {
    const { root } = scratchRepository()
    rmSync(root, { recursive: true })
    const [commits, kept] = [createCommits(root), keptCopies(root)]
    const id = '0'.repeat(40)
    expect(await commits.existing([id])).toEqual(failure)
    expect(await commits.graph([id], [])).toEqual(failure)
    expect(await commits.changedFiles([id])).toEqual(failure)
    expect(await commits.resolveAll(['HEAD'])).toEqual(failure)
    const [other, third] = ['1'.repeat(40), '2'.repeat(40)]
    expect(await commits.mergeDifference({ commit: id, parents: [other, third] }, () => false)).toEqual(failure)
    expect(await commits.squashDifference({ before: id, after: other, lanes: [] }, () => false)).toEqual(failure)
    expect([await commits.resolve('HEAD'), await commits.isAncestor(id, 'HEAD')]).toEqual([null, false])
    expect([await kept.list(), await kept.prune(14, 0), await kept.checkedWorktree(root)]).toEqual([
      failure,
      failure,
      failure,
    ])
  })

  it('of the main checkout returns a failure where git cannot read the index', async () => {
    const { root } = scratchRepository()
    writeFileSync(join(root, '.git', 'index'), 'broken')
    const checkout = createMainCheckout({
      root,
      mission: 'demo',
      runId: 'run',
      report: () => undefined,
      strategyOfHost: async () => 'merge',
    })
    expect(await checkout.switchCommand('lane')).toEqual(failure)
    expect(await checkout.whyNotMerge({ coord: false, strategy: 'merge', lanes: [] })).toEqual(failure)
    expect(await checkout.branch()).toBe('work')
  })
})
