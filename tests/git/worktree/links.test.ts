import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepAs, type ScratchRepository, scratchRepository } from '../scratch-repository.ts'
import { createWorkspace } from '../throwing.ts'

/** A repository with one commit. */
function repository({ root, git }: ScratchRepository, folder: string): string {
  git(root, 'init', '--quiet', '--initial-branch', 'main', folder)
  writeFileSync(join(folder, 'inner.txt'), 'inner\n')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'Inner')
  return folder
}

function submodule(made: ScratchRepository): string {
  const remote = join(made.root, '..', 'remote.git')
  made.git(made.root, 'clone', '--quiet', '--bare', repository(made, join(made.root, '..', 'source')), remote)
  made.git(made.lane, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', remote, 'vendor/sub')
  return join(made.lane, 'vendor/sub')
}

function commitIn(made: ScratchRepository, folder: string): void {
  writeFileSync(join(folder, 'own.txt'), 'own\n')
  made.git(folder, 'add', '--all')
  made.git(folder, 'commit', '--quiet', '--message', 'Own')
}

/** What is wrong with the links of the work, if anything. */
const rows: readonly (readonly [string, (made: ScratchRepository) => void, RegExp | null])[] = [
  ['no link at all', ({ lane }) => writeFileSync(join(lane, 'a'), 'a'), null],
  [
    'a repository that a tool made',
    made => repository(made, join(made.lane, 'vendor')),
    /is a separate git repository/,
  ],
  [
    'one with stray files',
    made => writeFileSync(join(repository(made, join(made.lane, 'vendor')), 'build.out'), 'x'),
    /is a separate git repository/,
  ],
  ['a submodule whose commit its remote has', made => submodule(made), null],
  ['one with stray files', made => writeFileSync(join(submodule(made), 'build.out'), 'x'), null],
  [
    'one with a commit that was not pushed',
    made => commitIn(made, submodule(made)),
    /which no remote of the submodule has/,
  ],
  [
    'one with a commit that was pushed',
    made => {
      const sub = submodule(made)
      commitIn(made, sub)
      made.git(sub, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main')
    },
    null,
  ],
  [
    'one with changes that are in no commit',
    made => writeFileSync(join(submodule(made), 'inner.txt'), 'changed\n'),
    /has changes inside that are in no commit/,
  ],
  [
    'one that is checked out nowhere, at an unknown commit',
    made => {
      const sub = submodule(made)
      commitIn(made, sub)
      made.git(made.lane, 'add', '--all')
      made.git(made.lane, 'commit', '--quiet', '--message', 'Link')
      rmSync(join(made.root, '.git/worktrees/lane-a/modules'), { recursive: true, force: true })
      rmSync(sub, { recursive: true })
      mkdirSync(sub)
    },
    /it is not known whether its remote has/,
  ],
  [
    'a link without its .gitmodules',
    made => {
      submodule(made)
      made.git(made.lane, 'rm', '--quiet', '--cached', '.gitmodules')
      rmSync(join(made.lane, '.gitmodules'))
    },
    /no submodule is configured for it/,
  ],
]

describe('a link whose content a merge would not bring along', () => {
  it.each(rows)('%s', async (_, change, why) => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const base = git(lane, 'rev-parse', 'HEAD')
    change(made)
    const workspace = createWorkspace(root)
    const head = await workspace.commitAll(lane, 'WP01')
    const found = await workspace.danglingLinks(lane, base, head)
    expect(found.map(link => link.why)).toEqual(why === null ? [] : [expect.stringMatching(why)])
    expect(await workspace.inspect(lane)).toMatchObject({ head, dirty: false })
  })

  it('of a submodule whose commit was not pushed is none any more after the printed command', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const base = git(lane, 'rev-parse', 'HEAD')
    commitIn(made, submodule(made))
    const workspace = createWorkspace(root)
    const head = await workspace.commitAll(lane, 'WP01')
    const [found] = await workspace.danglingLinks(lane, base, head)
    execFileSync('sh', ['-c', found?.cure ?? 'false'], { cwd: root })
    expect(await workspace.danglingLinks(lane, base, head)).toEqual([])
  })

  it('is none any more once its repository is taken out of the folder: the files are committed', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const base = git(lane, 'rev-parse', 'HEAD')
    const inner = repository(made, join(lane, 'vendor'))
    const workspace = createWorkspace(root)
    const linked = await workspace.commitAll(lane, 'WP01')
    expect(await workspace.danglingLinks(lane, base, linked)).toHaveLength(1)
    renameSync(join(inner, '.git'), join(root, '..', 'taken-out'))
    const head = await workspace.commitAll(lane, 'WP01')
    expect(await workspace.danglingLinks(lane, base, head)).toEqual([])
    expect(git(lane, 'show', `${head}:vendor/inner.txt`)).toBe('inner')
  })
})

describe('what a reviewer does inside a repository in the worktree', () => {
  it('is put back where it moved its HEAD, and its commit is kept', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const sub = submodule(made)
    const workspace = createWorkspace(root, 'run-1')
    const head = await workspace.commitAll(lane, 'WP01')
    commitIn(made, sub)
    const own = git(sub, 'rev-parse', 'HEAD')
    expect(await workspace.inspect(lane)).toMatchObject({ dirty: true })
    const as = keepAs(join(root, '..', 'p.patch'))
    const { ref } = await workspace.restore(lane, { head, branch: 'lane' }, as)
    expect(await workspace.inspect(lane)).toMatchObject({ head, dirty: false })
    expect(git(root, 'rev-list', ref)).toContain(own)
    expect(git(root, 'show', `${ref}:vendor/sub/own.txt`)).toBe('own')
  })

  it('is put back where it took the repository out of its folder, and the files are kept', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const sub = submodule(made)
    const workspace = createWorkspace(root, 'run-1')
    const head = await workspace.commitAll(lane, 'WP01')
    rmSync(join(sub, '.git'))
    writeFileSync(join(sub, 'own.txt'), 'own\n')
    expect(await workspace.hiddenFiles(lane)).toEqual(['vendor/sub'])
    const { ref } = await workspace.restore(lane, { head, branch: 'lane' }, keepAs(join(root, '..', 'p.patch')))
    expect(git(root, 'show', `${ref}:vendor/sub/own.txt`)).toBe('own')
    expect(await workspace.hiddenFiles(lane)).toEqual([])
    expect(await workspace.inspect(lane)).toMatchObject({ head, dirty: false })
  })
})
