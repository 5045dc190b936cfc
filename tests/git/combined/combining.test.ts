import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCombining } from '../../../src/git/combined/combining.ts'
import type { Layout, Merged } from '../../../src/run/gate/combining.ts'
import type { GitOutcome } from '../../../src/run/git/git-outcome.ts'
import { attributes, config, type ScratchRepository, scratchRepository, type World } from '../scratch-repository.ts'

const isHostFile = (path: string) => path.startsWith('host/')

function dataOf<T>(outcome: GitOutcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.data
}

/** A branch at `work` with one commit of these files. */
function branch(made: ScratchRepository, name: string, files: Readonly<Record<string, string>>): string {
  made.git(made.root, 'checkout', '--quiet', '-b', name, 'work')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(made.root, path)), { recursive: true })
    writeFileSync(join(made.root, path), text)
  }
  made.git(made.root, 'add', '--', ...Object.keys(files))
  made.git(made.root, 'commit', '--quiet', '--message', name)
  made.git(made.root, 'checkout', '--quiet', 'work')
  return made.git(made.root, 'rev-parse', name).trim()
}

function asMerged(commit: string): Merged {
  return { kind: 'merged', tree: '', parents: [commit] }
}

/** Everything in the temporary folder that sko made for this process. */
function left(): readonly string[] {
  return readdirSync(realpathSync(tmpdir())).filter(name => name.startsWith(`sko-combined-${process.pid}-`))
}

async function laidOut(made: ScratchRepository, commit: string, like: string | null = null): Promise<Layout> {
  const layout = dataOf(await createCombining(made.root).layOut(like))
  onTestFinished(layout.remove)
  dataOf(await layout.checkOut(asMerged(commit)))
  return layout
}

/** What can be seen of refs, worktrees and files of the project. */
function stateOf({ root, git }: ScratchRepository): string {
  const seen = ['for-each-ref', 'worktree list', 'status --porcelain --ignored', 'stash list', 'rev-parse HEAD']
  return seen.map(command => git(root, ...command.split(' '))).join('\n')
}

describe('combined lanes', () => {
  it('are merged without moving anything of the project', async () => {
    const made = scratchRepository()
    const lanes = [branch(made, 'a', { 'a.txt': 'a\n' }), branch(made, 'b', { 'b.txt': 'b\n' })]
    const before = stateOf(made)
    const target = made.git(made.root, 'rev-parse', 'work').trim()
    const combined = dataOf(await createCombining(made.root).combine(target, lanes, isHostFile))
    if (combined.kind !== 'merged') throw new Error(combined.kind)
    const files = made.git(made.root, 'ls-tree', '-r', '--name-only', combined.tree).trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['a.txt', 'b.txt']))
    expect(stateOf(made)).toBe(before)
  })

  it('that conflict are named with their files, and files of the host do not count', async () => {
    const made = scratchRepository()
    const lanes = [
      branch(made, 'a', { 'same.txt': 'a\n', 'host/log': 'a\n' }),
      branch(made, 'b', { 'b.txt': 'b\n', 'host/log': 'b\n' }),
      branch(made, 'c', { 'same.txt': 'c\n' }),
    ]
    const combining = createCombining(made.root)
    const target = made.git(made.root, 'rev-parse', 'work').trim()
    expect(await combining.combine(target, lanes, isHostFile)).toEqual({
      ok: true,
      data: { kind: 'conflict', lane: 2, files: ['same.txt'] },
    })
    const [a = '', b = '', c = ''] = lanes
    expect(dataOf(await combining.conflicts(a, c, isHostFile))).toEqual(['same.txt'])
    expect(dataOf(await combining.conflicts(a, b, isHostFile))).toEqual([])
    expect(dataOf(await combining.difference(a, b, isHostFile))).toEqual(['b.txt', 'same.txt'])
  })

  it('cannot be merged without a common commit, which is said', async () => {
    const made = scratchRepository()
    const tree = made.git(made.root, 'rev-parse', 'work^{tree}').trim()
    const alone = made.git(made.root, 'commit-tree', tree, '-m', 'alone').trim()
    const target = made.git(made.root, 'rev-parse', 'work').trim()
    const combined = dataOf(await createCombining(made.root).combine(target, [alone], isHostFile))
    expect(combined).toEqual({ kind: 'not-possible', why: expect.stringContaining('unrelated histories') })
  })
})

describe('the folder to check them in', () => {
  it('is outside of the project, only for the user, with HEAD detached, and the project does not know of it', async () => {
    const made = scratchRepository()
    const commit = branch(made, 'a', { 'a.txt': 'a\n' })
    const before = stateOf(made)
    const { path, remove } = await laidOut(made, commit)
    expect([basename(path), statSync(dirname(path)).mode & 0o777]).toEqual(['repo', 0o700])
    expect(path.startsWith(made.root)).toBe(false)
    const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: path }).toString().trim()
    expect([git('rev-parse', 'HEAD'), git('branch', '--show-current'), git('status', '--porcelain')]).toEqual([
      commit,
      '',
      '',
    ])
    expect(git('log', '--oneline', 'work..HEAD')).toContain(' a')
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('a\n')
    git('branch', 'made-here')
    git('commit', '--quiet', '--allow-empty', '--message', 'made here')
    expect(stateOf(made)).toBe(before)
    remove()
    expect(left()).toEqual([])
  })

  it('has no file of the commit before, and keeps what is ignored', async () => {
    const made = scratchRepository()
    const a = branch(made, 'a', { '.gitignore': 'out/\n', 'a.txt': 'a\n' })
    const b = branch(made, 'b', { '.gitignore': 'out/\n', 'b.txt': 'b\n' })
    const layout = await laidOut(made, a)
    mkdirSync(join(layout.path, 'out'))
    mkdirSync(join(layout.path, 'not-ignored'))
    for (const name of ['out/cache', 'not-ignored/x', 'a.txt']) writeFileSync(join(layout.path, name), 'of a check')
    writeFileSync(join(layout.path, '.git', 'index.lock'), '')
    dataOf(await layout.checkOut(asMerged(b)))
    expect(readdirSync(layout.path).toSorted()).toEqual(['.git', '.gitignore', 'b.txt', 'base.txt', 'out'].toSorted())
    expect(readFileSync(join(layout.path, 'out', 'cache'), 'utf8')).toBe('of a check')
  })

  it('has the ignored files of a lane worktree', async () => {
    const made = scratchRepository()
    const commit = branch(made, 'a', { '.gitignore': 'node_modules\n.env\n', 'a.txt': 'a\n' })
    writeFileSync(join(made.lane, '.gitignore'), 'node_modules\n.env\n')
    mkdirSync(join(made.lane, 'node_modules', 'x', 'bin'), { recursive: true })
    writeFileSync(join(made.lane, 'node_modules', 'x', 'index.js'), 'x')
    symlinkSync('../index.js', join(made.lane, 'node_modules', 'x', 'bin', 'x'))
    spawnSync('mkfifo', [join(made.lane, 'node_modules', 'pipe')])
    symlinkSync('../../outside', join(made.lane, '.env'))
    const { path } = await laidOut(made, commit, made.lane)
    expect(readFileSync(join(path, 'node_modules', 'x', 'bin', 'x'), 'utf8')).toBe('x')
    expect(existsSync(join(path, 'node_modules', 'pipe'))).toBe(false)
    expect(
      execFileSync('readlink', [join(path, '.env')])
        .toString()
        .trim(),
    ).toBe(join(made.root, 'outside'))
  })

  it.each<readonly [string, World]>([
    [
      'hooks that fail',
      ({ root, git }) => {
        mkdirSync(join(root, 'hooks'))
        writeFileSync(join(root, 'hooks', 'post-checkout'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
        git(root, 'config', 'core.hooksPath', join(root, 'hooks'))
      },
    ],
    ['a file system monitor', config(['core.fsmonitor', 'true'])],
    ['a signature of each commit', config(['commit.gpgsign', 'true'], ['gpg.program', '/bin/false'])],
    [
      'a worktree set elsewhere',
      ({ root, git }) => git(root, 'config', 'core.worktree', mkdtempSync(join(root, '.git', 'w-'))),
    ],
    ['a bare project', config(['core.bare', 'true'])],
    ['a sparse checkout', config(['core.sparseCheckout', 'true'])],
    [
      'a filter that fails but may',
      ({ root, git }) => {
        git(root, 'config', 'filter.f.smudge', 'false')
        attributes('*.txt filter=f\n')({ root, lane: '', git })
      },
    ],
  ])('is laid out under %s', async (_, world) => {
    const made = scratchRepository()
    const commit = branch(made, 'a', { 'a.txt': 'a\n' })
    world(made)
    const { path } = await laidOut(made, commit)
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('a\n')
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: path }).toString()).toBe('')
  })

  it('has the line ends and the filters of the project', async () => {
    const made = scratchRepository()
    const commit = branch(made, 'a', { 'a.txt': 'a\n', 'b.up': 'b\n' })
    made.git(made.root, 'config', 'core.autocrlf', 'true')
    made.git(made.root, 'config', 'filter.up.smudge', 'tr a-z A-Z')
    attributes('*.up filter=up\n')(made)
    const { path } = await laidOut(made, commit)
    expect([readFileSync(join(path, 'a.txt'), 'utf8'), readFileSync(join(path, 'b.up'), 'utf8')]).toEqual([
      'a\r\n',
      'B\r\n',
    ])
  })

  it('says which filter fails where the project requires it, and leaves nothing', async () => {
    const made = scratchRepository()
    const commit = branch(made, 'a', { 'a.txt': 'a\n' })
    config(['filter.f.smudge', 'false'], ['filter.f.required', 'true'])(made)
    attributes('*.txt filter=f\n')(made)
    const layout = dataOf(await createCombining(made.root).layOut(null))
    expect(await layout.checkOut(asMerged(commit))).toEqual(
      expect.objectContaining({ ok: false, message: expect.stringContaining("external filter 'false' failed") }),
    )
    layout.remove()
    expect(left()).toEqual([])
  })

  it('removes folders that a check has made read-only', async () => {
    const made = scratchRepository()
    const { path, remove } = await laidOut(made, made.git(made.root, 'rev-parse', 'work').trim())
    mkdirSync(join(path, 'ro'))
    writeFileSync(join(path, 'ro', 'x'), '')
    spawnSync('chmod', ['0', join(path, 'ro')])
    remove()
    expect(left()).toEqual([])
  })

  it('says that there is no room, or no folder, and leaves nothing', async () => {
    const made = scratchRepository()
    vi.stubEnv('TMPDIR', join(made.root, 'not-there'))
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await createCombining(made.root).layOut(null)).toEqual(
      expect.objectContaining({
        ok: false,
        message: expect.stringContaining('the files to check cannot be laid out: ENOENT'),
      }),
    )
  })

  it('of a process that has ended is removed, and of one that lives it stays', async () => {
    const made = scratchRepository()
    const folder = join(made.root, 'tmp')
    mkdirSync(folder)
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { pid } = spawnSync('true')
    const names = [`sko-combined-${pid}-abc`, `sko-combined-${process.ppid}-abc`, 'sko-combined-x']
    for (const name of names) mkdirSync(join(folder, name, 'repo'), { recursive: true })
    dataOf(await createCombining(made.root).layOut(null)).remove()
    expect(readdirSync(folder).toSorted()).toEqual(names.slice(1).toSorted())
  })
})
