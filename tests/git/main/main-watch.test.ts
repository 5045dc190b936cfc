import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { differencesIn } from '../../../src/core/repository/strayed.ts'
import { watchedCheckout } from '../../../src/git/main/main-watch.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

type Change = (made: ScratchRepository) => void

/** The checkout holds work of a person before: a changed file, a new one, and commits of the host to come. */
async function changedBy(change: Change) {
  const made = scratchRepository()
  for (const folder of ['kitty-specs', '.kittify', 'src']) mkdirSync(join(made.root, folder))
  write(made, 'base.txt', 'changed by a person\n')
  write(made, 'src/theirs.txt', 'new\n')
  made.git(made.root, 'branch', 'topic')
  made.git(made.root, 'branch', 'kitty/mission-a-lane-b')
  const checkout = watchedCheckout(made.root, 'run-1')
  const before = await checkout.look()
  change(made)
  const after = await checkout.look()
  if (!before || !after) throw new Error('git cannot tell')
  const committed = before.head === after.head ? [] : await checkout.changedBetween(before.head, after.head)
  return { made, checkout, changes: differencesIn(before, after, committed) }
}

const commitAll = ({ root, git }: ScratchRepository, ...paths: readonly string[]) => {
  git(root, 'add', '--', ...paths)
  git(root, 'commit', '--quiet', '--message', 'x', '--', ...paths)
}

describe('what changes in the main checkout', () => {
  it.each<[string, Change, readonly string[], readonly string[]]>([
    ['nothing', () => undefined, [], []],
    ['a new file', made => write(made, 'src/WP01.txt', 'x'), ['src/WP01.txt'], []],
    ['a file in a new folder', made => write(made, 'a/b c/ü\n.txt', 'x'), ['a/b c/ü\n.txt'], []],
    ['a tracked file', made => write(made, '.gitignore', '*.log\n'), ['.gitignore'], []],
    ['a file that a person had changed', made => write(made, 'base.txt', 'again\n'), ['base.txt'], []],
    ['a file that a person had made', made => write(made, 'src/theirs.txt', 'NEW\n'), ['src/theirs.txt'], []],
    ['a file put back', ({ root, git }) => git(root, 'checkout', '--quiet', '--', 'base.txt'), ['base.txt'], []],
    ['a file removed', ({ root }) => rmSync(join(root, 'src', 'theirs.txt')), ['src/theirs.txt'], []],
    ['a file committed', made => commitAll(made, 'src/theirs.txt'), ['src/theirs.txt'], []],
    ['a file staged', ({ root, git }) => git(root, 'add', 'src/theirs.txt'), ['src/theirs.txt'], []],
    ['a link', ({ root }) => symlinkSync('/nowhere', join(root, 'link')), ['link'], []],
    ['an ignored file', made => write(made, 'x.log', 'x'), [], []],
    ['a file touched', ({ root }) => utimesSync(join(root, 'base.txt'), 1, 1), [], []],
    ["the host's record", made => write(made, 'kitty-specs/status.json', '{}'), [], []],
    ['a commit of the host', made => hostCommit(made), [], []],
    ['our state', made => write(made, '.kittify/orchestrator-run-state.json', '{}'), [], []],
    ["a file of git's own, while it merges", made => write(made, '.merge_file_a1B2c3', 'x'), [], []],
    [
      'one of that name in a folder',
      made => write(made, 'src/.merge_file_a1B2c3', 'x'),
      ['src/.merge_file_a1B2c3'],
      [],
    ],
    ['the lane worktree', ({ lane }) => writeFileSync(join(lane, 'new.txt'), 'x'), [], []],
    [
      'a commit on another lane',
      ({ root, git }) => git(root, 'branch', '-f', 'kitty/mission-a-lane-b', tip(root, git)),
      [],
      [],
    ],
    ['a tag', ({ root, git }) => git(root, 'tag', 'v1'), [], ['refs/tags/v1']],
    ['another branch removed', ({ root, git }) => git(root, 'branch', '-D', 'topic'), [], ['refs/heads/topic']],
    [
      'a remote branch',
      ({ root, git }) => git(root, 'update-ref', 'refs/remotes/o/m', 'HEAD'),
      [],
      ['refs/remotes/o/m'],
    ],
    ['a kept ref of ours', ({ root, git }) => git(root, 'update-ref', 'refs/sko/kept/r/main/1', 'HEAD'), [], []],
    [
      'another branch checked out',
      ({ root, git }) => git(root, 'checkout', '--quiet', 'topic'),
      [],
      ['branch work -> topic'],
    ],
    ['HEAD detached', ({ root, git }) => git(root, 'checkout', '--quiet', '--detach'), [], ['branch work -> (none)']],
  ])('%s', async (_, change, files, refs) => {
    const { changes } = await changedBy(change)
    expect(changes).toEqual({ files, refs })
  })

  it('is seen where it went into the stash; the stash itself is shared by all worktrees', async () => {
    const { changes } = await changedBy(({ root, git }) => git(root, 'stash', '--quiet'))
    expect(changes).toEqual({ files: ['base.txt'], refs: [] })
  })

  it('is kept whole, and nothing is put back or committed', async () => {
    const { made, checkout } = await changedBy(it => write(it, 'src/WP01.txt', 'work\n'))
    const status = made.git(made.root, 'status', '--porcelain')
    const ref = await checkout.keep("changed while WP01's attempt 1 ran")
    expect(ref).toBe('refs/sko/kept/run-1/main/1')
    expect(made.git(made.root, 'show', `${ref}:src/WP01.txt`)).toBe('work')
    expect(made.git(made.root, 'show', `${ref}:base.txt`)).toBe('changed by a person')
    expect(made.git(made.root, 'status', '--porcelain')).toBe(status)
  })

  it('is not reported where git cannot tell', async () => {
    const { made, checkout } = await changedBy(() => undefined)
    writeFileSync(join(made.root, '.git', 'config'), 'no such thing\n', { flag: 'a' })
    expect(await checkout.look()).toBe(null)
  })
})

function write({ root }: ScratchRepository, file: string, text: string): void {
  mkdirSync(join(root, file, '..'), { recursive: true })
  writeFileSync(join(root, file), text)
}

/** As in lanes topology, for each move of any work package. */
function hostCommit(made: ScratchRepository): void {
  write(made, 'kitty-specs/status.events.jsonl', '{}\n')
  commitAll(made, 'kitty-specs/status.events.jsonl')
}

function tip(root: string, git: ScratchRepository['git']): string {
  return git(root, 'commit-tree', '-m', 'x', 'HEAD^{tree}')
}

it.each([
  ['core.worktree', '..'],
  ['core.bare', 'true'],
])('is seen even when %s is set, but then not copied, because git would copy another folder', async (key, value) => {
  const made = scratchRepository()
  const { root, git } = made
  const checkout = watchedCheckout(root, 'run-1')
  const before = await checkout.look()
  expect(before?.files.size).toBe(0)
  git(root, 'config', key, value === '..' ? join(root, value) : value)
  expect(await checkout.look()).toEqual(before)
  write(made, 'new.txt', 'new')
  expect([...((await checkout.look())?.files.keys() ?? [])]).toEqual(['new.txt'])
  expect(await checkout.keep('changed')).toBeNull()
  git(root, 'config', '--unset-all', key)
  expect(await checkout.keep('changed')).toMatch(/^refs\/sko\/kept\//)
})
