import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'
import { createCommits } from '../throwing.ts'

const nothingOfTheHosts = () => false
const isStatus = (path: string) => path === 'status.json'

/** Writes the files and commits; '' removes one. Returns the commit. */
function commit({ git }: ScratchRepository, cwd: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    if (text === '') rmSync(join(cwd, path))
    else writeFileSync(join(cwd, path), text)
  }
  git(cwd, 'add', '--all')
  git(cwd, 'commit', '--quiet', '--allow-empty', '--message', Object.keys(files).join(' ') || 'nothing')
  return git(cwd, 'rev-parse', 'HEAD')
}

/** A merge of the lane into `work`; `change` is made before it is committed. */
function merge(repository: ScratchRepository, change: Readonly<Record<string, string>> = {}, ...options: string[]) {
  const { root, git } = repository
  try {
    git(root, 'merge', '--quiet', '--no-ff', '--no-commit', ...options, 'lane')
  } catch {
    // A conflict, which `change` resolves.
  }
  const made = commit(repository, root, change)
  return { commit: made, parents: git(root, 'rev-parse', `${made}^@`).split('\n') }
}

const tenLines = Array.from({ length: 10 }, (_, line) => `line ${line}\n`)
const withLine = (at: number) => tenLines.map((line, index) => (index === at ? `changed ${at}\n` : line)).join('')

describe('a merge', () => {
  interface Case {
    readonly base?: Readonly<Record<string, string>>
    readonly ours: Readonly<Record<string, string>>
    readonly theirs: Readonly<Record<string, string>>
    readonly change?: Readonly<Record<string, string>>
    readonly options?: readonly string[]
    readonly odd: readonly string[]
  }

  it.each<[string, Case]>([
    ['of two sides is as git makes it', { ours: { a: '1\n' }, theirs: { b: '2\n' }, odd: [] }],
    [
      'with something of its own is not',
      { ours: { a: '1\n' }, theirs: { b: '2\n' }, change: { c: '3\n' }, odd: ['c'] },
    ],
    ['that drops a side is not', { ours: { a: '1\n' }, theirs: { b: '2\n' }, options: ['-s', 'ours'], odd: ['b'] }],
    [
      'of one file that both sides changed, in other lines, is as git makes it',
      { base: { f: tenLines.join('') }, ours: { f: withLine(0) }, theirs: { f: withLine(9) }, odd: [] },
    ],
    [
      'of one file, with a line of its own, is not',
      {
        base: { f: tenLines.join('') },
        ours: { f: withLine(0) },
        theirs: { f: withLine(9) },
        change: { f: 'what nobody wrote\n' },
        odd: ['f'],
      },
    ],
    [
      'of a file that one side renamed and the other changed is as git makes it',
      {
        base: { f: tenLines.join('') },
        ours: { f: '', g: tenLines.join('') },
        theirs: { f: withLine(9) },
        odd: [],
      },
    ],
    [
      'of a conflict that someone resolved is not',
      { base: { f: 'b\n' }, ours: { f: 'o\n' }, theirs: { f: 't\n' }, change: { f: 'both\n' }, odd: ['f'] },
    ],
    [
      "of a conflict in the host's own record is",
      {
        base: { 'status.json': '0\n' },
        ours: { 'status.json': '1\n', a: '1\n' },
        theirs: { 'status.json': '2\n', b: '2\n' },
        change: { 'status.json': '3\n' },
        odd: [],
      },
    ],
  ])('%s', async (_, { base = {}, ours, theirs, change, options = [], odd }) => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    commit(repository, root, base)
    git(lane, 'merge', '--quiet', '--ff-only', 'work')
    commit(repository, lane, theirs)
    commit(repository, root, ours)
    const made = merge(repository, change, ...options)
    expect(await createCommits(root).mergeDifference(made, isStatus)).toEqual(odd)
  })

  it('with several common ancestors is asked of git as a whole', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const a = commit(repository, root, { a: '1\n' })
    const b = commit(repository, lane, { b: '1\n' })
    git(root, 'merge', '--quiet', '--no-ff', '-m', 'one', b)
    git(lane, 'merge', '--quiet', '--no-ff', '-m', 'two', a)
    commit(repository, root, { c: '1\n' })
    commit(repository, lane, { d: '1\n' })
    const commits = createCommits(root)
    expect(await commits.mergeDifference(merge(repository), nothingOfTheHosts)).toEqual([])
    git(root, 'reset', '--quiet', '--hard', 'HEAD^')
    expect(await commits.mergeDifference(merge(repository, { e: '1\n' }), nothingOfTheHosts)).toEqual(['e'])
  })
})

describe('merge drivers', () => {
  /** A merge of sides with two common ancestors, in a repository whose drivers take a side and note their names. */
  function mergedByDrivers(attributes: string, files: readonly string[]) {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const log = join(root, '.git', 'drivers')
    for (const name of ['hosts', 'users']) {
      git(root, 'config', `merge.${name}.driver`, `echo ${name} >>'${log}'; cp %B %A; :`)
    }
    const contents = (text: string) => Object.fromEntries(files.map(file => [file, text]))
    commit(repository, root, { ...contents('0\n'), '.gitattributes': attributes })
    git(lane, 'merge', '--quiet', '--ff-only', 'work')
    const a = commit(repository, root, { a: '1\n' })
    const b = commit(repository, lane, { b: '1\n' })
    git(root, 'merge', '--quiet', '--no-ff', '-m', 'one', b)
    git(lane, 'merge', '--quiet', '--no-ff', '-m', 'two', a)
    commit(repository, root, contents('1\n'))
    commit(repository, lane, contents('2\n'))
    const made = merge(repository)
    const ran = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [])
    expect(ran()).not.toEqual([])
    rmSync(log)
    return { made, ran, commits: createCommits(root) }
  }

  it.each([
    ["of the host's files do not run", 'status.json merge=hosts\nlock merge=users', ['status.json', 'lock'], ['users']],
    ['that other files have too run', '* merge=hosts', ['status.json', 'lock'], ['hosts', 'hosts']],
    ['run for a file with any name', '*.l merge=users', ['\u00e4 \u{1f600}\n.l', 'status.json'], ['users']],
  ])('%s', async (_, attributes, files, expected) => {
    const { made, ran, commits } = mergedByDrivers(`${attributes}\nstatus.json -text\n`, files)
    expect(await commits.mergeDifference(made, isStatus)).toEqual([])
    expect(ran()).toEqual(expected)
  })
})

describe('a target that was moved in one step', () => {
  function squashed(change: Readonly<Record<string, string>>, base = {}, ours = {}, theirs = { b: '2\n' }) {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    commit(repository, root, base)
    git(lane, 'merge', '--quiet', '--ff-only', 'work')
    const head = commit(repository, lane, theirs)
    const before = commit(repository, root, ours)
    git(root, 'merge', '--quiet', '--squash', 'lane')
    const after = commit(repository, root, change)
    return createCommits(root).squashDifference({ before, after, lanes: [head] }, isStatus)
  }

  it('has what the lanes have, and nothing else', async () => {
    expect(await squashed({})).toEqual([])
    expect(await squashed({ c: '3\n' })).toEqual(['c'])
    expect(await squashed({ b: 'other\n' })).toEqual(['b'])
    expect(await squashed({ 'status.json': '{}\n' })).toEqual([])
  })

  it('has of a file that both sides changed what git makes of it', async () => {
    const base = { f: tenLines.join('') }
    expect(await squashed({}, base, { f: withLine(0) }, { b: '2\n', f: withLine(9) } as never)).toEqual([])
    expect(await squashed({ f: 'x\n' }, base, { f: withLine(0) }, { b: '2\n', f: withLine(9) } as never)).toEqual(['f'])
  })
})

describe('the graph', () => {
  it('is that of the commits themselves, whatever replaces them', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const start = git(root, 'rev-parse', 'HEAD')
    const bad = commit(repository, lane, { bad: '1\n' })
    const good = commit(repository, lane, { good: '1\n' })
    const clean = git(root, 'commit-tree', `${good}^{tree}`, '-p', start, '-m', 'as if nothing had been')
    git(root, 'replace', good, clean)
    const graph = await createCommits(root).graph([good], [start])
    expect(graph.map(at => at.commit)).toEqual([good, bad])
  })

  it('is not what a file of grafts says', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const start = git(root, 'rev-parse', 'HEAD')
    const bad = commit(repository, lane, { bad: '1\n' })
    const good = commit(repository, lane, { good: '1\n' })
    writeFileSync(join(root, '.git', 'info', 'grafts'), `${good} ${start}\n`)
    expect(git(root, 'rev-list', `${start}..${good}`)).toBe(good)
    const commits = createCommits(root)
    expect((await commits.graph([good], [start])).map(at => at.commit)).toEqual([good, bad])
    expect(await commits.isAncestor(bad, good)).toBe(true)
  })

  it('leaves out what git does not have', async () => {
    const { root, git } = scratchRepository()
    const head = git(root, 'rev-parse', 'HEAD')
    const commits = createCommits(root)
    expect(await commits.graph([head, '0'.repeat(40)], ['1'.repeat(40)])).toEqual([{ commit: head, parents: [] }])
    expect(await commits.graph(['0'.repeat(40)], [])).toEqual([])
    expect(await commits.resolve('refs/heads/none')).toBeNull()
    expect(await commits.resolve('--all')).toBeNull()
  })

  it('has of each commit the files it changes, whatever their names look like', async () => {
    const repository = scratchRepository()
    const { root, git } = repository
    const first = git(root, 'rev-parse', 'HEAD')
    const names = [first, ':100644 100644 a b M', 'a\nb']
    const made = commit(repository, root, Object.fromEntries(names.map(name => [name, '1\n'])))
    const empty = commit(repository, root, {})
    const commits = createCommits(root)
    expect(await commits.changedFiles([empty, made, first])).toEqual(
      new Map([
        [empty, []],
        [made, [':100644 100644 a b M', first, 'a\nb'].toSorted()],
        [first, ['.gitignore', 'base.txt']],
      ]),
    )
    await expect(commits.changedFiles([first, '0'.repeat(40)])).rejects.toThrow('there is no commit 000')
  })
})

describe('a remote', () => {
  it('is the one that the branch is pushed to, else origin, else none', async () => {
    const { root, git } = scratchRepository()
    const { remoteOf } = createCommits(root)
    expect(await remoteOf('work')).toBeNull()
    git(root, 'remote', 'add', 'other', '/nowhere')
    expect(await remoteOf('work')).toBe('other')
    git(root, 'remote', 'add', 'origin', '/nowhere')
    expect(await remoteOf('work')).toBe('origin')
    git(root, 'config', 'branch.work.remote', 'other')
    expect(await remoteOf('work')).toBe('other')
  })

  it('is asked what it has', async () => {
    const { root, git } = scratchRepository()
    const bare = join(root, '..', 'bare.git')
    git(root, 'init', '--quiet', '--bare', bare)
    git(root, 'remote', 'add', 'origin', bare)
    const { onRemote } = createCommits(root)
    expect(await onRemote('origin', 'work')).toBeNull()
    git(root, 'push', '--quiet', 'origin', 'work')
    expect(await onRemote('origin', 'work')).toBe(git(root, 'rev-parse', 'HEAD'))
    expect(await onRemote('/gone', 'work')).toBeNull()
  })
})
