import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keep } from '../../../src/git/kept/kept.ts'
import { pruneKept } from '../../../src/git/kept/kept-prune.ts'
import { listKept } from '../../../src/git/kept/kept-refs.ts'
import { scratchRepository } from '../scratch-repository.ts'

const day = 24 * 3600 * 1000

describe('pruneKept', () => {
  it.each(['merge', 'squash'])(
    'removes snapshots of what was merged (%s), and nothing else before its time',
    async how => {
      const { root, lane, git } = scratchRepository()
      const kept = (reason: string) =>
        keep({ worktree: lane, runId: 'run-1', wpId: 'WP01', why: reason, reason, proven: false })
      const clean = await kept('snapshot')
      appendFileSync(join(lane, 'base.txt'), 'work\n')
      writeFileSync(join(lane, 'a.txt'), 'a')
      const merged = await kept('snapshot')
      const removed = await kept('removed')
      git(lane, 'add', '--all')
      git(lane, 'commit', '--quiet', '--message', 'Work')
      writeFileSync(join(lane, 'b.txt'), 'in no commit')
      const open = await kept('snapshot')
      const refs = async () => (await listKept(root)).map(({ ref }) => ref)
      if (how === 'squash') git(root, 'merge', '--quiet', '--squash', 'lane')
      else git(root, 'merge', '--quiet', '--no-ff', 'lane')
      if (how === 'squash') git(root, 'commit', '--quiet', '--message', 'Squashed')
      git(root, 'worktree', 'remove', '--force', lane)
      git(root, 'branch', '-D', 'lane')

      const pruned = await pruneKept(root, 14, Date.now())
      expect(pruned.map(({ ref }) => ref)).toEqual([clean.ref, merged.ref])
      expect(await refs()).toEqual([removed.ref, open.ref])
      await pruneKept(root, 14, Date.now() + 13 * day)
      expect(await refs()).toEqual([removed.ref, open.ref])
      await pruneKept(root, 14, Date.now() + 15 * day)
      expect(await refs()).toEqual([])
    },
  )
})
