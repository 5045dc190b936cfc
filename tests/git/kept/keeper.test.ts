import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isWpId, type WpId } from '../../../src/core/ids.ts'
import { createKeeper } from '../../../src/git/kept/keeper.ts'
import { listKept } from '../../../src/git/kept/kept-refs.ts'
import { restoreKept } from '../../../src/git/kept/kept-restore.ts'
import { cover } from '../../in-full.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

function wp(text: string): WpId {
  if (!isWpId(text)) throw new Error(text)
  return text
}

/** A keeper that looks when it is asked to, and not by itself. */
function keeperOf({ root }: ScratchRepository) {
  return createKeeper({ root, runId: 'run-1', config: { kept: { every_seconds: 3600 } } })
}

function attemptIn(worktree: string, wpId = 'WP01', attempt = 1) {
  return { wpId: wp(wpId), worktree, attempt, startedAt: Date.now() }
}

async function restored({ lane }: ScratchRepository, ref: string): Promise<void> {
  await restoreKept({ worktree: lane, runId: 'run-1', wpId: 'WP01' }, ref, 'before')
}

const acts: readonly (readonly [string, (repository: ScratchRepository) => void])[] = [
  ['git reset --hard', ({ lane, git }) => git(lane, 'reset', '--quiet', '--hard')],
  [
    'git stash, then stash drop',
    ({ lane, git }) => {
      git(lane, 'stash', 'push', '--quiet', '--include-untracked')
      git(lane, 'stash', 'drop', '--quiet')
    },
  ],
  [
    'rm -rf',
    ({ lane }) => {
      for (const path of ['base.txt', 'new', 'app']) rmSync(join(lane, path), { recursive: true, force: true })
    },
  ],
  ['git checkout -- .', ({ lane, git }) => git(lane, 'checkout', '--', '.')],
  ['git clean -fdx', ({ lane, git }) => git(lane, 'clean', '-fdxq')],
]

describe('what an attempt wrote', () => {
  it.each(cover(3, acts))('comes back after %s', async (name, act) => {
    const repository = scratchRepository()
    const { lane, root, git } = repository
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    appendFileSync(join(lane, 'base.txt'), 'edited\n')
    mkdirSync(join(lane, 'new', 'deep'), { recursive: true })
    writeFileSync(join(lane, 'new', 'deep', 'file.txt'), 'new')
    git(lane, 'init', '--quiet', 'app')
    writeFileSync(join(lane, 'app', 'inner.txt'), 'inner')
    await watch.look()
    act(repository)
    const { kept, problem } = await watch.end(false)
    expect(problem).toBeNull()
    expect(kept, name).toHaveLength(1)
    await restored(repository, kept[0]?.ref ?? '')
    expect(readFileSync(join(lane, 'base.txt'), 'utf8')).toBe('base\nedited\n')
    expect(readFileSync(join(lane, 'new', 'deep', 'file.txt'), 'utf8')).toBe('new')
    if (!existsSync(join(lane, 'app', '.git')))
      expect(readFileSync(join(lane, 'app', 'inner.txt'), 'utf8')).toBe('inner')
    expect((await listKept(root)).find(({ ref }) => ref === kept[0]?.ref)).toMatchObject({
      reason: 'removed',
      why: expect.stringContaining('removed or put back'),
    })
  })

  it('comes back when the worktree itself was removed', async () => {
    const repository = scratchRepository()
    const { lane, root, git } = repository
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    writeFileSync(join(lane, 'only.txt'), 'only here')
    await watch.look()
    rmSync(lane, { recursive: true })
    const { kept } = await watch.end(false)
    expect(kept).toMatchObject([{ why: expect.stringContaining('before it was removed') }])
    expect(git(root, 'show', `${kept[0]?.ref}:only.txt`)).toBe('only here')
  })

  it('is not named when it was committed, renamed or edited on, and nothing is kept where nothing was written', async () => {
    const repository = scratchRepository()
    const { lane, root, git } = repository
    const keeper = keeperOf(repository)
    const idle = await keeper.watch(attemptIn(lane))
    expect(await idle.end(false)).toEqual({ kept: [], stash: [], settings: [], problem: null })
    expect(await listKept(root)).toEqual([])

    const watch = await keeper.watch(attemptIn(lane, 'WP01', 2))
    writeFileSync(join(lane, 'a.txt'), 'one')
    await watch.look()
    writeFileSync(join(lane, 'a.txt'), 'two')
    await watch.look()
    git(lane, 'add', 'a.txt')
    git(lane, 'mv', 'a.txt', 'b.txt')
    await watch.look()
    writeFileSync(join(lane, 'stays.txt'), 'stays')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Work')
    await watch.look()
    git(lane, 'commit', '--quiet', '--amend', '--message', 'Work, by another name')
    await watch.look()
    git(lane, 'rm', '--quiet', 'b.txt')
    git(lane, 'commit', '--quiet', '--message', 'More work')
    expect((await watch.end(false)).kept).toEqual([])
    // The one that follows the worktree holds the versions before.
    const [snapshot] = await listKept(root)
    expect(snapshot).toMatchObject({ reason: 'snapshot', why: 'snapshot of attempt 2' })
    expect(git(root, 'log', '--format=%s', `${snapshot?.ref}`)).toContain('snapshot of attempt 2')
  })

  it('is kept as commits when the lane is set back, whichever worktree then collects garbage', async () => {
    const repository = scratchRepository()
    const { lane, root, git } = repository
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    writeFileSync(join(lane, 'a.txt'), 'committed')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Work')
    git(lane, 'reset', '--quiet', '--hard', 'HEAD~1')
    writeFileSync(join(lane, 'b.txt'), 'on a branch of no name')
    git(lane, 'checkout', '--quiet', '--detach')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Elsewhere')
    git(lane, 'checkout', '--quiet', 'lane')
    const { kept } = await watch.end(false)
    expect(kept).toMatchObject([{ why: expect.stringContaining('2 commit(s)') }])
    git(root, 'reflog', 'expire', '--expire=now', '--all')
    git(root, 'gc', '--quiet', '--prune=now')
    const held = git(root, 'log', '--format=%s', kept[0]?.ref ?? '')
    expect(held.split('\n')).toEqual(expect.arrayContaining(['Work', 'Elsewhere']))
  })

  it('is kept without a name when it was staged and replaced between two looks', async () => {
    const repository = scratchRepository()
    const { lane, root, git } = repository
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    for (const text of ['staged, then gone', 'committed']) {
      writeFileSync(join(lane, 'a.txt'), text)
      git(lane, 'add', 'a.txt')
    }
    git(lane, 'commit', '--quiet', '--message', 'Work')
    expect(await watch.end(false)).toMatchObject({ kept: [], problem: null })
    const [staged] = (await listKept(root)).filter(({ reason }) => reason === 'staged')
    expect(staged?.why).toContain('1 version(s) of files')
    const name = git(root, 'ls-tree', '--name-only', staged?.ref ?? '')
    expect(git(root, 'show', `${staged?.ref}:${name}`)).toBe('staged, then gone')
  })

  it('is bounded: versions that edits replaced are one chain under one ref', async () => {
    const repository = scratchRepository()
    const { lane, root, git } = repository
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    for (let version = 1; version <= 4; version++) {
      writeFileSync(join(lane, 'a.txt'), `version ${version}`)
      await watch.look()
    }
    await watch.end(false)
    const entries = await listKept(root)
    expect(entries).toHaveLength(1)
    const chain = git(root, 'log', '--format=%H', '--grep=snapshot of attempt', entries[0]?.ref ?? '').split('\n')
    expect(chain.map(commit => git(root, 'show', `${commit}:a.txt`))).toEqual([4, 3, 2, 1].map(n => `version ${n}`))
  })
})

describe('the stash that all worktrees share', () => {
  it('is followed: what one agent stashed and another popped is named, and never lost', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const other = join(root, '.worktrees', 'lane-b')
    git(root, 'worktree', 'add', '--quiet', '-b', 'lane-b', other)
    const keeper = keeperOf(repository)
    const first = await keeper.watch(attemptIn(lane, 'WP01'))
    const second = await keeper.watch(attemptIn(other, 'WP02'))
    writeFileSync(join(lane, 'mine.txt'), 'of WP01')
    appendFileSync(join(lane, 'base.txt'), 'of WP01\n')
    git(lane, 'stash', 'push', '--quiet', '--include-untracked')
    const entry = git(root, 'rev-parse', 'refs/stash')
    await second.look()
    git(other, 'stash', 'pop', '--quiet')

    expect((await second.end(false)).stash).toEqual([{ from: 'WP01', commit: entry, files: ['base.txt', 'mine.txt'] }])
    expect((await first.end(false)).stash).toEqual([])
    git(root, 'reflog', 'expire', '--expire=now', '--all')
    git(root, 'gc', '--quiet', '--prune=now')
    const [kept] = (await listKept(root)).filter(({ reason }) => reason === 'stash')
    expect(kept).toMatchObject({ wpId: 'WP01', why: expect.stringContaining('WIP on lane') })
    expect(git(root, 'show', `${kept?.ref}:mine.txt`)).toBe('of WP01')
    git(lane, 'stash', 'apply', '--quiet', entry)
    expect(readFileSync(join(lane, 'mine.txt'), 'utf8')).toBe('of WP01')
  })

  it('has entries of the branch that git 2.31 names by the last part of its name alone', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    git(lane, 'switch', '--quiet', '--create', 'kitty/mission-demo-lane-a')
    const watch = await keeperOf(repository).watch(attemptIn(lane, 'WP01'))
    appendFileSync(join(lane, 'base.txt'), 'of WP01\n')
    git(root, 'stash', 'store', '--message', 'On mission-demo-lane-a: later', git(lane, 'stash', 'create'))
    await watch.end(false)

    const kept = (await listKept(root)).filter(({ reason }) => reason === 'stash')
    expect(kept.map(({ wpId }) => wpId)).toEqual(['WP01'])
  })

  it('may be used by an agent for itself; entries from before are of the main checkout, after a restart too', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    appendFileSync(join(root, 'base.txt'), 'of a person\n')
    git(root, 'stash', 'push', '--quiet')
    const person = git(root, 'rev-parse', 'refs/stash')
    const before = await keeperOf(repository).watch(attemptIn(lane))
    writeFileSync(join(lane, 'mine.txt'), 'mine')
    git(lane, 'stash', 'push', '--quiet', '--include-untracked')
    await before.look()
    git(lane, 'stash', 'pop', '--quiet')
    expect((await before.end(false)).stash).toEqual([])

    const after = await keeperOf(repository).watch(attemptIn(lane, 'WP01', 2))
    git(lane, 'stash', 'pop', '--quiet')
    expect((await after.end(false)).stash).toEqual([{ from: 'main', commit: person, files: ['base.txt'] }])
    const kept = (await listKept(root)).filter(({ reason }) => reason === 'stash')
    expect(kept.map(({ wpId }) => wpId)).toEqual(['WP01', 'main'])
  })
})

describe('settings that all worktrees share', () => {
  it.each([
    ['core.bare', 'true', 'false'],
    ['core.worktree', '/elsewhere', null],
  ])('%s is named when it is changed, once, and the command that is said puts it back', async (key, value, was) => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const keeper = keeperOf(repository)
    const watch = await keeper.watch(attemptIn(lane))
    git(lane, 'config', key, value)
    const { settings, problem } = await watch.end(false)
    expect(problem).toBeNull()
    expect(settings).toMatchObject([{ key, was, is: value }])
    expect(() => git(root, 'status', '--short', 'base.txt')).toThrow()
    execFileSync('sh', ['-c', settings[0]?.cure ?? 'false'])
    expect(git(root, 'status', '--short', 'base.txt')).toBe('')
    expect((await (await keeper.watch(attemptIn(lane, 'WP01', 2))).end(false)).settings).toEqual([])
  })

  it('do not include the version of the repository, which git raises itself', async () => {
    const repository = scratchRepository()
    const { lane, git } = repository
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    // As `git sparse-checkout` does in 2.31, with `extensions.worktreeConfig`.
    git(lane, 'config', 'core.repositoryformatversion', '1')
    expect((await watch.end(false)).settings).toEqual([])
  })

  it('are all named that an agent sets for itself, and put back to what they were', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    git(root, 'config', 'core.hooksPath', '.husky')
    const before = readFileSync(join(root, '.git', 'config'), 'utf8')
    const watch = await keeperOf(repository).watch(attemptIn(lane))
    const set = {
      'commit.gpgsign': 'true',
      'core.hooksPath': '/dev/null',
      'gpg.program': 'no',
    }
    for (const [key, value] of Object.entries(set)) git(lane, 'config', key, value)
    // Which the host and git write, and which may hold a secret.
    git(lane, 'config', 'merge.spec-kitty-event-log.driver', 'x')
    git(lane, 'config', 'branch.lane.remote', 'origin')
    git(lane, 'config', 'user.name', 'spec-kitty auto-rebase')
    git(lane, 'config', 'http.extraheader', 'secret')
    const { settings } = await watch.end(false)
    const named = settings.map(({ key, was, is }) => [key, was, is])
    expect(named.toSorted()).toEqual([
      ['commit.gpgsign', null, 'true'],
      ['core.hookspath', '.husky', '/dev/null'],
      ['gpg.program', null, 'no'],
    ])
    for (const { cure } of settings) execFileSync('sh', ['-c', cure])
    for (const section of ['merge.spec-kitty-event-log', 'branch.lane', 'user', 'http']) {
      git(lane, 'config', '--remove-section', section)
    }
    const after = readFileSync(join(root, '.git', 'config'), 'utf8')
    expect(after.replace(/^\[(commit|gpg)\]\n/gm, '').toLowerCase()).toBe(before.toLowerCase())
  })
})
