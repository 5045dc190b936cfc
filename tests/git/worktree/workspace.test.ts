import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { git } from '../../../src/git/git.ts'
import { GitError } from '../../../src/git/git-error.ts'
import { keepAs, scratchRepository } from '../scratch-repository.ts'
import { createWorkspace } from '../throwing.ts'

describe('inspect', () => {
  it('tells head, branch and whether anything is uncommitted', async () => {
    const { root, lane, git } = scratchRepository()
    const workspace = createWorkspace(root)
    const head = git(lane, 'rev-parse', 'HEAD')
    expect(await workspace.inspect(lane)).toEqual({ kind: 'ready', head, dirty: false, branch: 'lane' })
    writeFileSync(join(lane, 'ignored.log'), 'x')
    expect(await workspace.inspect(lane)).toMatchObject({ dirty: false })
    writeFileSync(join(lane, 'new.txt'), 'x')
    expect(await workspace.inspect(lane)).toMatchObject({ dirty: true })
    git(lane, 'checkout', '--quiet', '--detach')
    expect(await workspace.inspect(lane)).toMatchObject({ branch: null })
  })

  it('does not take the main checkout around it for a worktree that is gone', async () => {
    const { root, lane } = scratchRepository()
    rmSync(lane, { recursive: true })
    expect(await createWorkspace(root).inspect(lane)).toEqual({ kind: 'missing' })
    mkdirSync(lane)
    expect(await createWorkspace(root).inspect(lane)).toEqual({ kind: 'missing' })
  })

  it('names the command for a worktree that has lost its .git file, and it puts that right', async () => {
    const { root, lane, git } = scratchRepository()
    writeFileSync(join(lane, 'new.txt'), 'x')
    const workspace = createWorkspace(root)
    const before = await workspace.inspect(lane)
    rmSync(join(lane, '.git'))
    const error = await workspace.inspect(lane).catch((thrown: unknown) => thrown)
    if (!(error instanceof GitError)) throw new Error('it was not refused')
    expect(error.message).toContain('the .git file of')
    execFileSync('sh', ['-c', error.cureOn('lane') ?? 'false'])
    expect(await workspace.inspect(lane)).toEqual(before)
    rmSync(join(lane, '.git'))
    git(root, 'worktree', 'prune')
    const forgotten = await workspace.inspect(lane).catch((thrown: unknown) => thrown)
    execFileSync('sh', ['-c', (forgotten instanceof GitError && forgotten.cureOn('lane')) || 'false'])
    expect(await workspace.inspect(lane)).toEqual(before)
    expect(git(root, 'status', '--porcelain')).toBe('')
  })

  it('is a git error, no crash, when the whole repository is gone', async () => {
    const { root, lane } = scratchRepository()
    rmSync(root, { recursive: true })
    await expect(createWorkspace(root).inspect(lane)).rejects.toThrow(GitError)
  })
})

it('a git that waits for ever, for a writer of a pipe or for a filter of its own, is ended with it', async () => {
  const { lane, git: set } = scratchRepository()
  mkdirSync(join(lane, 'new'))
  execFileSync('mkfifo', [join(lane, 'new', '.gitignore')])
  const ended = { ok: false, stderr: 'it did not end within 0.3 s and was stopped' }
  expect(await git(lane, ['status', '--porcelain'], { timeoutSeconds: 0.3 })).toMatchObject(ended)
  rmSync(join(lane, 'new'), { recursive: true })
  set(lane, 'config', 'filter.slow.clean', "trap '' TERM; sleep 600; true")
  writeFileSync(join(lane, '.gitattributes'), 'new.txt filter=slow\n')
  writeFileSync(join(lane, 'new.txt'), 'new\n')
  expect(await git(lane, ['add', '--all'], { timeoutSeconds: 0.3 })).toMatchObject(ended)
})

describe('returnToBranch', () => {
  it.each([
    ['on no branch', ['checkout', '--quiet', '--detach']],
    ['on another branch', ['checkout', '--quiet', '-b', 'mine']],
  ])('%s with the lane branch gone: makes none, and the command that it names does', async (_, away) => {
    const { root, lane, git } = scratchRepository()
    git(lane, ...away)
    git(lane, 'branch', '--quiet', '-D', 'lane')
    const workspace = createWorkspace(root)
    const error = await workspace.returnToBranch(lane, 'lane').catch((thrown: unknown) => thrown)
    if (!(error instanceof GitError)) throw new Error('it was not refused')
    expect(error.message).toBe('its lane branch lane is gone')
    execFileSync('sh', ['-c', error.cureOn('lane') ?? 'false'])
    expect(await workspace.inspect(lane)).toMatchObject({ branch: 'lane' })
    expect(await workspace.returnToBranch(lane, 'lane')).toBe(true)
  })
})

describe('diff', () => {
  it('is what git says, whatever colours, tools and filters are configured', async () => {
    const { root, lane, git } = scratchRepository()
    const base = git(lane, 'rev-parse', 'HEAD')
    writeFileSync(join(lane, 'new.txt'), 'new\n')
    const workspace = createWorkspace(root)
    const head = await workspace.commitAll(lane, 'WP01')
    git(root, 'config', 'color.ui', 'always')
    git(root, 'config', 'diff.external', '/bin/false')
    expect(await workspace.diff(lane, base, head, 10_000)).toEqual({
      text: expect.stringMatching(/^diff --git a\/new\.txt b\/new\.txt\n[\s\S]*\n\+new$/),
      cut: false,
    })
  })

  it('is cut after a whole line', async () => {
    const { root, lane, git } = scratchRepository()
    const base = git(lane, 'rev-parse', 'HEAD')
    writeFileSync(join(lane, 'new.txt'), 'line\n'.repeat(100_000))
    const workspace = createWorkspace(root)
    const { text, cut } = await workspace.diff(lane, base, await workspace.commitAll(lane, 'WP01'), 5003)
    expect(cut).toBe(true)
    expect(text.length).toBeLessThanOrEqual(5003)
    expect(text).toMatch(/\n\+line$/)
  })
})

describe('commitAll', () => {
  it('commits new, changed and deleted files, not ignored ones, without identity, signing or hooks of the user', async () => {
    const { root, lane, git } = scratchRepository()
    const hook = join(root, '.git', 'hooks', 'pre-commit')
    mkdirSync(join(root, '.git', 'hooks'), { recursive: true })
    writeFileSync(hook, '#!/bin/sh\nexit 1\n')
    chmodSync(hook, 0o755)
    git(root, 'config', 'commit.gpgsign', 'true')
    writeFileSync(join(lane, 'new.txt'), 'new\n')
    writeFileSync(join(lane, 'ignored.log'), 'x')
    rmSync(join(lane, 'base.txt'))
    const head = await createWorkspace(root).commitAll(lane, 'WP01: attempt 1 by codex')
    expect(head).toBe(git(lane, 'rev-parse', 'HEAD'))
    expect(git(lane, 'show', '--format=%an %s', '--name-status', 'HEAD').split('\n').filter(Boolean)).toEqual([
      'spec-kitty-orchestrator WP01: attempt 1 by codex',
      'D\tbase.txt',
      'A\tnew.txt',
    ])
  })

  it('makes no commit where there is nothing to commit', async () => {
    const { root, lane, git } = scratchRepository()
    const before = git(lane, 'rev-parse', 'HEAD')
    expect(await createWorkspace(root).commitAll(lane, 'nothing')).toBe(before)
    expect(git(lane, 'rev-list', '--count', 'HEAD')).toBe('1')
  })

  it('gets past an index.lock that a killed git left behind', async () => {
    const { root, lane, git } = scratchRepository()
    writeFileSync(join(lane, 'new.txt'), 'new\n')
    writeFileSync(join(root, '.git', 'worktrees', 'lane-a', 'index.lock'), '')
    await createWorkspace(root).commitAll(lane, 'after a kill')
    expect(git(lane, 'log', '--format=%s', '-1')).toBe('after a kill')
  })

  it('fails as a value of the worktree, not as a bug, where there is none', async () => {
    const { root } = scratchRepository()
    await expect(createWorkspace(root).commitAll(join(root, '.worktrees', 'none'), 'x')).rejects.toThrow(GitError)
  })
})

describe('history', () => {
  /** A lane with a commit, a merge of what was done elsewhere, and an empty commit. */
  const lived = () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const commit = (cwd: string, file: string) => {
      writeFileSync(join(cwd, file), `${file}\n`)
      git(cwd, 'add', '--all')
      git(cwd, 'commit', '--quiet', '--message', file)
    }
    const base = git(lane, 'rev-parse', 'HEAD')
    commit(root, 'elsewhere.txt')
    commit(lane, 'one.txt')
    git(lane, 'merge', '--quiet', '--no-edit', '--no-ff', 'work')
    git(lane, 'commit', '--quiet', '--allow-empty', '--message', 'empty')
    return { ...repository, base, workspace: createWorkspace(root) }
  }

  it('goes along first parents, oldest first, and knows merges and trees', async () => {
    const { lane, git, base, workspace } = lived()
    git(lane, 'config', 'log.showSignature', 'true')
    git(lane, 'config', 'log.decorate', 'full')
    const history = await workspace.history(lane, base)
    expect(history.map(({ commit }) => git(lane, 'log', '-1', '--format=%s', commit))).toEqual([
      'Base',
      'one.txt',
      "Merge branch 'work' into lane",
      'empty',
    ])
    expect(history.map(({ merge }) => merge)).toEqual([false, false, true, false])
    expect(history.at(-1)).toEqual({
      commit: git(lane, 'rev-parse', 'HEAD'),
      tree: git(lane, 'rev-parse', 'HEAD^{tree}'),
      merge: false,
    })
    expect(history.at(-1)?.tree).toBe(history.at(-2)?.tree)
  })

  it.each([
    ['nothing was added', [], ['lane']],
    [
      'the last commit was made again',
      ['commit', '--quiet', '--amend', '--allow-empty', '--message', 'anew'],
      ['lane', 'anew'],
    ],
    ['it was set back', ['reset', '--quiet', '--hard', 'HEAD~1'], ['lane', 'Base']],
  ])('of a lane where %s since the base', async (_, command, expected) => {
    const { root, lane, git } = scratchRepository()
    git(lane, 'commit', '--quiet', '--allow-empty', '--message', 'lane')
    const base = git(lane, 'rev-parse', 'HEAD')
    if (command.length > 0) git(lane, ...command)
    const history = await createWorkspace(root).history(lane, base)
    expect(history.map(({ commit }) => git(lane, 'log', '-1', '--format=%s', commit))).toEqual(expected)
  })

  it('knows what a commit has before it, also where the branch does not have it any more', async () => {
    const { root, lane, git } = scratchRepository()
    const base = git(lane, 'rev-parse', 'HEAD')
    git(lane, 'commit', '--quiet', '--allow-empty', '--message', 'lane')
    const head = git(lane, 'rev-parse', 'HEAD')
    git(lane, 'reset', '--quiet', '--hard', base)
    const workspace = createWorkspace(root)
    expect(await workspace.isAncestor(lane, base, head)).toBe(true)
    expect(await workspace.isAncestor(lane, head, base)).toBe(false)
    expect(await workspace.isAncestor(lane, '0'.repeat(40), head)).toBe(false)
  })

  it('from a commit that does not exist is a git error', async () => {
    const { root, lane } = scratchRepository()
    await expect(createWorkspace(root).history(lane, '0'.repeat(40))).rejects.toThrow(GitError)
  })

  it('the log has a line for each, whatever the settings add, and the changed files any name', async () => {
    const { lane, git, base, workspace } = lived()
    git(lane, 'config', 'log.decorate', 'full')
    git(lane, 'config', 'color.ui', 'always')
    const name = 'new\nline "\u00e4".txt'
    writeFileSync(join(lane, name), 'x')
    git(lane, 'mv', 'base.txt', 'moved.txt')
    const head = await workspace.commitAll(lane, 'names')
    const subjects = (await workspace.log(lane, base, head)).split('\n').map(line => line.replace(/^[0-9a-f]+ /, ''))
    expect(subjects.toSorted()).toEqual(["Merge branch 'work' into lane", 'elsewhere.txt', 'empty', 'names', 'one.txt'])
    expect((await workspace.changes(lane, `${head}~1`, head)).map(({ path }) => path)).toEqual([
      'base.txt',
      'moved.txt',
      name,
    ])
    expect(await workspace.changes(lane, head, head)).toEqual([])
  })
})

describe('restore', () => {
  it('undoes commits, changes and new files, and keeps them all in a patch for the user alone', async () => {
    const { root, lane, git } = scratchRepository()
    const head = git(lane, 'rev-parse', 'HEAD')
    writeFileSync(join(lane, 'committed.txt'), 'by the reviewer\n')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Review')
    writeFileSync(join(lane, 'base.txt'), 'changed\n')
    writeFileSync(join(lane, 'untracked.txt'), 'left\n')
    const patch = join(root, 'review.patch')
    await createWorkspace(root).restore(lane, { head, branch: 'lane' }, keepAs(patch))
    expect(await createWorkspace(root).inspect(lane)).toEqual({ kind: 'ready', head, dirty: false, branch: 'lane' })
    expect(readFileSync(join(lane, 'base.txt'), 'utf8')).toBe('base\n')
    expect(readFileSync(patch, 'utf8')).toMatch(/committed\.txt[\s\S]*untracked\.txt/)
    git(lane, 'apply', patch)
    expect(readFileSync(join(lane, 'untracked.txt'), 'utf8')).toBe('left\n')
  })

  it('goes back to the lane branch without moving the branch that was checked out instead', async () => {
    const { root, lane, git } = scratchRepository()
    const head = git(lane, 'rev-parse', 'HEAD')
    git(lane, 'checkout', '--quiet', '-b', 'elsewhere')
    writeFileSync(join(lane, 'theirs.txt'), 'x\n')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Elsewhere')
    const elsewhere = git(lane, 'rev-parse', 'elsewhere')
    await createWorkspace(root).restore(lane, { head, branch: 'lane' }, keepAs(join(root, 'p.patch')))
    expect(git(lane, 'symbolic-ref', '--short', 'HEAD')).toBe('lane')
    expect(git(lane, 'rev-parse', 'HEAD')).toBe(head)
    expect(git(lane, 'rev-parse', 'elsewhere')).toBe(elsewhere)
  })

  it('changes nothing in the main checkout where the worktree has lost its .git file', async () => {
    const { root, lane, git } = scratchRepository()
    const head = git(lane, 'rev-parse', 'HEAD')
    writeFileSync(join(root, 'base.txt'), 'of a person\n')
    rmSync(join(lane, '.git'))
    const restored = createWorkspace(root).restore(lane, { head, branch: 'lane' }, keepAs(join(root, 'p.patch')))
    await expect(restored).rejects.toThrow('there is no worktree')
    expect(readFileSync(join(root, 'base.txt'), 'utf8')).toBe('of a person\n')
    expect(git(root, 'symbolic-ref', '--short', 'HEAD')).toBe('work')
  })

  it.each([
    ['the lane branch was renamed', ['branch', '--move', 'theirs']],
    ['a file was deleted', ['rm', '--quiet', 'base.txt']],
    ['HEAD is on no branch', ['checkout', '--quiet', '--detach']],
    ['the lane was set back', ['reset', '--quiet', '--hard', 'HEAD~1']],
    ['a repository without a commit is in it', ['init', '--quiet', 'nested']],
  ])('puts everything back after %s', async (_, command) => {
    const { root, lane, git } = scratchRepository()
    writeFileSync(join(lane, 'work.txt'), 'work\n')
    const workspace = createWorkspace(root)
    const head = await workspace.commitAll(lane, 'Work')
    git(lane, ...command)
    writeFileSync(join(lane, 'untracked.txt'), 'left\n')
    const patch = join(root, 'p.patch')
    await workspace.restore(lane, { head, branch: 'lane' }, keepAs(patch))
    expect(await workspace.inspect(lane)).toEqual({ kind: 'ready', head, dirty: false, branch: 'lane' })
    expect(readFileSync(patch, 'utf8')).toContain('+left')
    expect(statSync(patch).mode & 0o777).toBe(0o600)
  })

  it('ends a rebase that was left half-way, which an abort would have taken the lane back with', async () => {
    const { root, lane, git } = scratchRepository()
    const workspace = createWorkspace(root)
    writeFileSync(join(root, 'base.txt'), 'theirs\n')
    git(root, 'commit', '--quiet', '--all', '--message', 'Theirs')
    writeFileSync(join(lane, 'base.txt'), 'ours\n')
    const head = await workspace.commitAll(lane, 'Ours')
    expect(() => git(lane, 'rebase', 'work')).toThrow()
    await workspace.restore(lane, { head, branch: 'lane' }, keepAs(join(root, 'p.patch')))
    expect(await workspace.inspect(lane)).toEqual({ kind: 'ready', head, dirty: false, branch: 'lane' })
    expect(() => git(lane, 'rebase', '--abort')).toThrow(/no rebase in progress/i)
  })

  it('needs no patch: where that cannot be written, the ref has it all', async () => {
    const { root, lane, git } = scratchRepository()
    const head = git(lane, 'rev-parse', 'HEAD')
    writeFileSync(join(lane, 'left.txt'), 'left\n')
    const at = { head, branch: 'lane' }
    const kept = await createWorkspace(root, 'run-7').restore(lane, at, keepAs('/proc/no/such/folder/p.patch'))
    expect(kept).toEqual({ ref: 'refs/sko/kept/run-7/WP01/1', since: head, patch: null })
    expect(existsSync(join(lane, 'left.txt'))).toBe(false)
    expect(git(root, 'show', `${kept.ref}:left.txt`)).toBe('left')
  })

  it('keeps an earlier patch of that name', async () => {
    const { root, lane, git } = scratchRepository()
    const at = { head: git(lane, 'rev-parse', 'HEAD'), branch: 'lane' }
    for (const text of ['first', 'second']) {
      writeFileSync(join(lane, 'left.txt'), `${text}\n`)
      await createWorkspace(root).restore(lane, at, keepAs(join(root, 'p.patch')))
    }
    expect(readFileSync(join(root, 'p.patch.before-1'), 'utf8')).toContain('+first')
    expect(readFileSync(join(root, 'p.patch'), 'utf8')).toContain('+second')
  })
})

describe('removeHalfMade', () => {
  const halfMade = () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    writeFileSync(join(root, 'planning.md'), 'planned\n')
    git(root, 'add', 'planning.md')
    git(root, 'commit', '--quiet', '--message', 'Plan')
    git(lane, 'merge', '--no-commit', '--no-ff', 'work')
    writeFileSync(join(root, '.git', 'worktrees', 'lane-a', 'index.lock'), '')
    return repository
  }

  it('removes a worktree with an uncommitted merge and an index.lock: everything in it is in a commit elsewhere', async () => {
    const { root, lane } = halfMade()
    expect(await createWorkspace(root).removeHalfMade(lane, 'work')).toBe(true)
    expect(existsSync(lane)).toBe(false)
  })

  it('removes one whose git was killed while the merge driver ran', async () => {
    const { root, lane, git } = scratchRepository()
    writeFileSync(join(root, '.gitattributes'), 'base.txt merge=slow\n')
    writeFileSync(join(root, 'base.txt'), 'planned\n')
    git(root, 'add', '--all')
    git(root, 'commit', '--quiet', '--message', 'Plan')
    writeFileSync(join(lane, '.gitattributes'), 'base.txt merge=slow\n')
    writeFileSync(join(lane, 'base.txt'), 'lane\n')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Lane')
    git(root, 'branch', 'coordination', 'lane')
    const driver = 'merge.slow.driver=echo merged >%A; kill -KILL $PPID'
    expect(() => git(lane, '-c', driver, 'merge', 'work')).toThrow()
    expect(git(lane, 'status', '--porcelain')).toMatch(/^(?:\?\? \.merge_file_\w{6}\n?){3}$/)

    expect(await createWorkspace(root).removeHalfMade(lane, 'work')).toBe(true)
    expect(existsSync(lane)).toBe(false)
  })

  it.each([
    ['an untracked file of its own', (lane: string) => writeFileSync(join(lane, 'work.txt'), 'mine\n')],
    ['a changed file of its own', (lane: string) => writeFileSync(join(lane, 'base.txt'), 'mine\n')],
  ])('keeps one with %s', async (_, change) => {
    const { root, lane } = halfMade()
    change(lane)
    expect(await createWorkspace(root).removeHalfMade(lane, 'work')).toBe(false)
    expect(existsSync(lane)).toBe(true)
  })

  it('keeps one with a commit that is on no other branch', async () => {
    const { root, lane, git } = scratchRepository()
    writeFileSync(join(lane, 'work.txt'), 'mine\n')
    git(lane, 'add', '--all')
    git(lane, 'commit', '--quiet', '--message', 'Work')
    expect(await createWorkspace(root).removeHalfMade(lane, 'work')).toBe(false)
    expect(existsSync(lane)).toBe(true)
  })
})

describe('paths that the host names', () => {
  it.each([
    ['the repository itself', (root: string) => root],
    ['a folder above it', (root: string) => join(root, '..')],
    ['a way out', (root: string) => `${root}/.worktrees/../../outside`],
    ['another place', () => '/etc'],
    ['a relative one', () => '.worktrees/lane-a'],
    ['one with a NUL byte', (root: string) => `${root}/.worktrees/a\0b`],
  ])('refuses %s', async (_, path) => {
    const { root } = scratchRepository()
    await expect(createWorkspace(root).inspect(path(root))).rejects.toMatchObject({ code: 'path-outside-repository' })
  })

  it('refuses a link that leads out, and reads no WP file through it', async () => {
    const { root } = scratchRepository()
    symlinkSync('/etc', join(root, '.worktrees', 'link'))
    await expect(createWorkspace(root).inspect(join(root, '.worktrees', 'link'))).rejects.toMatchObject({
      code: 'path-outside-repository',
    })
    await expect(createWorkspace(root).readPrompt(join(root, '.worktrees', 'link', 'passwd'))).rejects.toMatchObject({
      code: 'path-outside-repository',
    })
  })

  it('reads a WP file byte for byte, and says so when there is none', async () => {
    const { root } = scratchRepository()
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x24, 0x28, 0x0a, 0x2d])
    writeFileSync(join(root, 'WP01.md'), bytes)
    expect(Buffer.from(await createWorkspace(root).readPrompt(join(root, 'WP01.md')))).toEqual(bytes)
    await expect(createWorkspace(root).readPrompt(join(root, 'none.md'))).rejects.toThrow(GitError)
    execFileSync('mkfifo', [join(root, 'pipe.md')])
    await expect(createWorkspace(root).readPrompt(join(root, 'pipe.md'))).rejects.toThrow('not a regular file')
  })
})
