import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { GitError } from '../../src/git/git-error.ts'
import { clearLock, gitAtWork } from '../../src/git/worktree/locks.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

type Change = (repository: ScratchRepository) => void

const write = (name: string, text = 'mine\n'): Change => {
  return ({ lane }) => writeFileSync(join(lane, name), text)
}

/** Two commits on `lane` and one on `work` that change the same line. */
function diverged(): ScratchRepository {
  const repository = scratchRepository()
  const { root, lane, git } = repository
  for (const [folder, text] of [
    [root, 'theirs\n'],
    [lane, 'first\n'],
    [lane, 'second\n'],
  ] as const) {
    writeFileSync(join(folder, 'base.txt'), text)
    git(folder, 'commit', '--quiet', '--all', '--message', text.trim())
  }
  return repository
}

describe('what an attempt left is made a commit', () => {
  it.each<readonly [string, Change, readonly string[]]>([
    ['untracked files', write('new file.txt'), ['A\tnew file.txt']],
    [
      'a new folder, a hidden file and a link',
      ({ lane }) => {
        mkdirSync(join(lane, 'a/b'), { recursive: true })
        writeFileSync(join(lane, 'a/b/.hidden'), 'x')
        symlinkSync('../base.txt', join(lane, 'a/link'))
      },
      ['A\ta/b/.hidden', 'A\ta/link'],
    ],
    ['a deleted file', ({ lane }) => rmSync(join(lane, 'base.txt')), ['D\tbase.txt']],
    ['a changed mode', ({ lane }) => chmodSync(join(lane, 'base.txt'), 0o755), ['M\tbase.txt']],
    [
      'what is staged already',
      ({ lane, git }) => {
        writeFileSync(join(lane, 'staged.txt'), 'x')
        git(lane, 'add', '--all')
      },
      ['A\tstaged.txt'],
    ],
    [
      'line ends that git refuses to convert',
      ({ root, lane, git }) => {
        git(root, 'config', 'core.autocrlf', 'input')
        git(root, 'config', 'core.safecrlf', 'true')
        writeFileSync(join(lane, 'dos.txt'), 'a\r\nb\r\n')
      },
      ['A\tdos.txt'],
    ],
    [
      'a repository of its own, as a link to its commit',
      ({ lane, git }) => {
        git(lane, 'init', '--quiet', 'inner')
        git(join(lane, 'inner'), 'commit', '--quiet', '--allow-empty', '--message', 'Inner')
      },
      ['A\tinner'],
    ],
  ])('%s', async (_, change, expected) => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    change(repository)
    writeFileSync(join(lane, 'ignored.log'), 'x')
    await createWorkspace(root).commitAll(lane, 'WP01: keep what attempt 1 left uncommitted')
    expect(git(lane, 'show', '--format=%s', '--name-status', 'HEAD').split('\n').filter(Boolean)).toEqual([
      'WP01: keep what attempt 1 left uncommitted',
      ...expected,
    ])
    expect(git(lane, 'status', '--porcelain')).toBe('')
    expect(existsSync(join(lane, 'ignored.log'))).toBe(true)
  })

  it.each<readonly [string, readonly string[]]>([
    ['merge', ['merge', 'work']],
    ['cherry-pick', ['cherry-pick', 'work']],
    ['rebase', ['rebase', 'work']],
  ])('in the middle of a %s that has stopped at a conflict', async (_, command) => {
    const { root, lane, git } = diverged()
    expect(() => git(lane, ...command)).toThrow()
    writeFileSync(join(lane, 'notes.txt'), 'half of it\n')
    await createWorkspace(root).commitAll(lane, 'WP01: kept')
    expect(git(lane, 'show', 'HEAD:notes.txt')).toBe('half of it')
    expect(git(lane, 'show', 'HEAD:base.txt')).toContain('theirs')
    expect(git(lane, 'status', '--porcelain')).toBe('')
  })

  it('in the middle of a merge that changes no file: the merge is made, lest it stand in the way of the next', async () => {
    const { root, lane, git } = diverged()
    git(lane, 'merge', '--no-commit', '--strategy', 'ours', 'work')
    await createWorkspace(root).commitAll(lane, 'WP01: kept')
    expect(git(lane, 'log', '-1', '--format=%s %p').split(' ')).toHaveLength(4)
    expect(() => git(lane, 'rev-parse', '--verify', '--quiet', 'MERGE_HEAD')).toThrow()
  })
})

describe('a worktree that git cannot work with is named, with what to do', () => {
  it.each<readonly [string, Change, RegExp]>([
    [
      'a branch without a commit',
      ({ lane, git }) => git(lane, 'checkout', '--quiet', '--orphan', 'nowhere'),
      /^HEAD of \S+lane-a names no commit$/,
    ],
    [
      'a HEAD that names nothing',
      ({ root }) => writeFileSync(join(root, '.git/worktrees/lane-a/HEAD'), 'ref: refs/heads/lost\n'),
      /^HEAD of \S+lane-a names no commit/,
    ],
    [
      'a link to a repository that forgot it',
      ({ root }) => rmSync(join(root, '.git/worktrees/lane-a'), { recursive: true }),
      /lane-a\/\.git does not point to this worktree's folder/,
    ],
    [
      'an index that was overwritten',
      ({ root }) => writeFileSync(join(root, '.git/worktrees/lane-a/index'), 'garbage'),
      /^git status: (?:error|fatal): \S/,
    ],
  ])('%s', async (_, change, words) => {
    const repository = scratchRepository()
    change(repository)
    const answer = createWorkspace(repository.root).inspect(repository.lane)
    await expect(answer).rejects.toThrow(GitError)
    await expect(answer).rejects.toThrow(words)
  })

  it('a repository in it without a commit: all else is committed, and it is named with what puts it right', async () => {
    const { root, lane, git } = scratchRepository()
    git(lane, 'init', '--quiet', 'in [it] é')
    writeFileSync(join(lane, 'in [it] é/file.txt'), 'x')
    writeFileSync(join(lane, 'new.txt'), 'x')
    const workspace = createWorkspace(root)
    const head = await workspace.commitAll(lane, 'WP01')
    expect(git(lane, 'show', '--format=', '--name-only', head)).toBe('new.txt')
    const [found] = await workspace.unbornRepositories(lane)
    expect(found).toMatchObject({ path: 'in [it] é', why: expect.stringContaining('without a commit') })
    execFileSync('sh', ['-c', found?.cure ?? 'false'])
    expect(git(lane, 'show', `${await workspace.commitAll(lane, 'WP01')}:in [it] é/file.txt`)).toBe('x')
    expect(await workspace.unbornRepositories(lane)).toEqual([])
    expect(await workspace.danglingLinks(lane, head, 'HEAD')).toEqual([])
  })
})

const lockOf = ({ root }: ScratchRepository, name: string) => join(root, '.git/worktrees/lane-a', name)

/** Someone's `git commit --all` in the lane, which holds the lock of the index until the file `go` is there. */
async function committing(repository: ScratchRepository) {
  const { root, lane } = repository
  const hooks = join(root, 'hooks')
  const go = join(root, 'go')
  mkdirSync(hooks)
  writeFileSync(join(hooks, 'pre-commit'), `#!/bin/sh\nwhile [ ! -e '${go}' ]; do sleep 0.02; done\n`, { mode: 0o755 })
  const settings = ['-c', `core.hooksPath=${hooks}`, '-c', 'user.name=T', '-c', 'user.email=t@example.invalid']
  const theirs = spawn('git', [...settings, 'commit', '--quiet', '--all', '--message', 'Theirs'], { cwd: lane })
  onTestFinished(() => {
    theirs.kill('SIGKILL')
  })
  const ended = once(theirs, 'exit')
  while (!existsSync(lockOf(repository, 'index.lock'))) await sleep(10)
  return { theirs, ended, go }
}

it('a merge that a killed host call has left to its git is not taken away from under that: it is made', async () => {
  const repository = scratchRepository()
  const { root, lane, git } = repository
  writeFileSync(join(root, 'planning.md'), 'planned\n')
  git(root, 'add', 'planning.md')
  git(root, 'commit', '--quiet', '--message', 'Plan')
  git(lane, 'merge', '--quiet', '--no-commit', '--no-ff', 'work')
  const { ended, go } = await committing(repository)

  const removed = createWorkspace(root).removeHalfMade(lane, 'work')
  writeFileSync(go, '')

  expect(await ended).toEqual([0, null])
  expect(await removed).toBe(false)
  expect(git(lane, 'log', '-1', '--format=%s')).toBe('Theirs')
  expect(git(lane, 'status', '--porcelain')).toBe('')
})

describe('a lock', () => {
  it.each(['index.lock', 'HEAD.lock'])('%s of a git that is gone is removed', async name => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    write('new.txt')(repository)
    writeFileSync(lockOf(repository, name), '')
    await createWorkspace(root).commitAll(lane, 'after a kill')
    expect(git(lane, 'log', '--format=%s', '-1')).toBe('after a kill')
  })

  it('of the lane branch is removed as well', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    write('new.txt')(repository)
    writeFileSync(join(root, '.git/refs/heads/lane.lock'), '')
    await createWorkspace(root).commitAll(lane, 'after a kill')
    expect(git(lane, 'log', '--format=%s', '-1')).toBe('after a kill')
  })

  it('that is not of this worktree is not touched, and named with the command that removes it', async () => {
    const repository = scratchRepository()
    const { root, lane } = repository
    write('new.txt')(repository)
    const lock = join(root, '.git/config.lock')
    writeFileSync(lock, '')
    writeFileSync(join(root, '.git/packed-refs.lock'), '')
    await createWorkspace(root).commitAll(lane, 'a commit needs neither')
    await expect(clearLock(lane, `fatal: Unable to create '${lock}': File exists.`)).rejects.toThrow(`rm -- '${lock}'`)
    expect(existsSync(lock)).toBe(true)
  })

  it('of another user, whose processes we do not see, is not touched, and named', async () => {
    const repository = scratchRepository()
    const lock = lockOf(repository, 'index.lock')
    write('new.txt')(repository)
    writeFileSync(lock, '')
    const self = vi.spyOn(process, 'getuid').mockReturnValue(4242)
    onTestFinished(() => self.mockRestore())
    await expect(createWorkspace(repository.root).commitAll(repository.lane, 'Ours')).rejects.toThrow(`rm -- '${lock}'`)
    expect(existsSync(lock)).toBe(true)
  })

  it('of the next git is not touched, where the one that we looked for has just ended', async () => {
    const repository = scratchRepository()
    const { root, lane } = repository
    const lock = lockOf(repository, 'index.lock')
    writeFileSync(lock, '')
    const bin = join(root, 'bin')
    const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    mkdirSync(bin)
    const pause = `touch '${bin}/asked'; while [ ! -e '${bin}/go' ]; do sleep 0.02; done`
    const script = `#!/bin/sh\n[ "$1" != rev-parse ] || { ${pause}; }\nexec '${real}' "$@"\n`
    writeFileSync(join(bin, 'git'), script, { mode: 0o755 })
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })

    const cleared = clearLock(lane, `fatal: Unable to create '${lock}': File exists.`).then(() => 'cleared')
    while (!existsSync(join(bin, 'asked'))) await sleep(10)
    rmSync(lock)
    const descriptor = openSync(lock, 'w')
    const theirs = spawn('sleep', ['600'], { stdio: ['ignore', descriptor, 'ignore'] })
    onTestFinished(() => {
      theirs.kill('SIGKILL')
    })
    await once(theirs, 'spawn')
    closeSync(descriptor)
    writeFileSync(join(bin, 'go'), '')

    expect(await Promise.race([cleared, sleep(500, 'waiting')])).toBe('waiting')
    expect(existsSync(lock)).toBe(true)
    theirs.kill('SIGKILL')
    expect(await cleared).toBe('cleared')
    expect(existsSync(lock)).toBe(false)
  })

  it('of a git that is running is waited for, however old it is: its commit and ours are both made', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const hooks = join(root, 'hooks')
    const go = join(root, 'go')
    mkdirSync(hooks)
    writeFileSync(join(hooks, 'pre-commit'), `#!/bin/sh\nwhile [ ! -e '${go}' ]; do sleep 0.02; done\n`, {
      mode: 0o755,
    })
    writeFileSync(join(lane, 'base.txt'), 'theirs\n')
    const settings = ['-c', `core.hooksPath=${hooks}`, '-c', 'user.name=T', '-c', 'user.email=t@example.invalid']
    const theirs = spawn('git', [...settings, 'commit', '--quiet', '--all', '--message', 'Theirs'], { cwd: lane })
    onTestFinished(() => {
      theirs.kill('SIGKILL')
    })
    const ended = once(theirs, 'exit')
    const lock = lockOf(repository, 'index.lock')
    while (!existsSync(lock)) await sleep(10)
    utimesSync(lock, 0, 0)
    expect(gitAtWork(lane, lock)).toBe(theirs.pid)

    write('ours.txt')(repository)
    const ours = createWorkspace(root).commitAll(lane, 'Ours')
    writeFileSync(go, '')

    expect(await ended).toEqual([0, null])
    await ours
    expect(git(lane, 'log', '--format=%s', '-2').split('\n')).toEqual(['Ours', 'Theirs'])
    expect(gitAtWork(lane, lock)).toBeNull()
  })
})
