import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createCombining } from '../../../src/git/combined/combining.ts'
import type { Combining, Merged } from '../../../src/run/gate/combining.ts'
import type { GitOutcome } from '../../../src/run/git/git-outcome.ts'
import { gitAtHome } from '../template/git-at-home.ts'

type Git = (...args: readonly string[]) => string

interface Made {
  readonly root: string
  readonly git: Git
  readonly combining: Combining
}

function dataOf<T>(outcome: GitOutcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.data
}

function made(format = 'sha1'): Made {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-base-files-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'repo')
  mkdirSync(root)
  const at = gitAtHome(folder)
  const git: Git = (...args) => at(root, ...args).trim()
  git('init', '--quiet', '--initial-branch', 'work', '--object-format', format)
  return { root, git, combining: createCombining(root) }
}

function write({ root }: Made, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function commit({ git }: Made): string {
  git('add', '--all')
  git('commit', '--quiet', '--message', 'x')
  return git('rev-parse', 'HEAD')
}

const isTaken = (path: string) => path === 't' || path.startsWith('t/')
const entries = ({ git }: Made, tree: string) => git('ls-tree', '-r', '-z', tree).split('\0').filter(Boolean)
const below = (lines: readonly string[], inside: boolean) =>
  lines.filter(line => isTaken(line.slice(line.indexOf('\t') + 1)) === inside)

const oid = 'a'.repeat(40)

/** What the work does to the files below `t`, the base's being `t/a`, `t/b`, `t/link` and `t/sub`, a submodule. */
const works: readonly (readonly [string, (repo: Made) => void])[] = [
  ['edited', repo => write(repo, 't/a', 'weaker\n')],
  ['deleted', ({ git }) => void git('rm', '-q', 't/a')],
  ['renamed out', ({ git }) => void git('mv', 't/a', 'moved')],
  ['renamed inside', ({ git }) => void git('mv', 't/a', 't/A')],
  ['added', repo => write(repo, 't/deep/new', 'new\n')],
  ['made executable', ({ root }) => chmodSync(join(root, 't/a'), 0o755)],
  [
    'a link to another place',
    ({ root }) => {
      rmSync(join(root, 't/link'))
      symlinkSync('b', join(root, 't/link'))
    },
  ],
  [
    'a link in the place of the folder',
    ({ root, git }) => {
      git('rm', '-rq', 't')
      rmSync(join(root, 't'), { recursive: true })
      symlinkSync('src', join(root, 't'))
    },
  ],
  [
    'a file in the place of the folder',
    repo => {
      repo.git('rm', '-rq', 't')
      rmSync(join(repo.root, 't'), { recursive: true })
      write(repo, 't', 'x\n')
    },
  ],
  [
    'a folder in the place of a file',
    repo => {
      repo.git('rm', '-q', 't/a')
      write(repo, 't/a/x', 'x\n')
    },
  ],
  [
    'a submodule at another commit',
    ({ git }) => void git('update-index', '--cacheinfo', `160000,${'b'.repeat(40)},t/sub`),
  ],
  ['a submodule added', ({ git }) => void git('update-index', '--add', '--cacheinfo', `160000,${oid},t/sub2`)],
  ['a submodule removed', ({ git }) => void git('update-index', '--force-remove', 't/sub')],
  [
    'odd names',
    repo => ['t/new\nline', 't/"q" \t$x', 't/\\back\\..\\slash', 't/ü', 't/-x'].map(p => write(repo, p, 'x\n')),
  ],
  ['names that are not UTF-8', ({ root }) => writeFileSync(Buffer.from(`${root}/t/\xff`, 'latin1'), 'x\n')],
]

it.each(works)(
  'a protected file that is %s is as the base has it, and the rest as the work has it',
  async (_, work) => {
    const repo = made()
    write(repo, 't/a', 'strong\n')
    write(repo, 't/b', 'b\n')
    write(repo, 'src/x', 'x\n')
    symlinkSync('a', join(repo.root, 't/link'))
    repo.git('config', 'core.protectNTFS', 'false')
    repo.git('update-index', '--add', '--cacheinfo', `160000,${oid},t/sub`)
    mkdirSync(join(repo.root, 't/sub'))
    repo.git('add', '--', 't/a', 't/b', 't/link', 'src')
    repo.git('commit', '--quiet', '--message', 'base')
    const base = repo.git('rev-parse', 'HEAD')
    write(repo, 'src/x', 'better\n')
    write(repo, 'src/y', 'new\n')
    work(repo)
    const staged = repo.git('diff', '--cached', '--name-only', '-z', '--', 't/sub', 't/sub2')
    if (staged === '') repo.git('add', '--all')
    else repo.git('add', '--', 'src')
    repo.git('commit', '--quiet', '--message', 'work')
    const head = repo.git('rev-parse', 'HEAD')
    repo.git('config', '--unset', 'core.protectNTFS')
    const before = [repo.git('for-each-ref'), repo.git('status', '--porcelain'), readdirSync(join(repo.root, '.git'))]

    const found = dataOf(await repo.combining.withFilesOf(base, head, isTaken))

    const tree = found?.tree ?? ''
    expect(below(entries(repo, tree), true)).toEqual(below(entries(repo, base), true))
    expect(below(entries(repo, tree), false)).toEqual(below(entries(repo, head), false))
    const [parent = ''] = found?.parents ?? []
    expect(repo.git('rev-parse', `${parent}^{tree}`, `${parent}^`).split('\n')).toEqual([tree, head])
    expect([repo.git('for-each-ref'), repo.git('status', '--porcelain'), readdirSync(join(repo.root, '.git'))]).toEqual(
      before,
    )
  },
)

it('a file that is put back counts where an unprotected one is in its way', async () => {
  const repo = made()
  write(repo, 't/a', 'strong\n')
  write(repo, 'src', 'x\n')
  const base = commit(repo)
  repo.git('rm', '-rq', 't')
  write(repo, 't', 'file\n')
  const head = commit(repo)
  const found = dataOf(await repo.combining.withFilesOf(base, head, path => path === 't/a'))
  expect(repo.git('ls-tree', '-r', '--name-only', found?.tree ?? '').split('\n')).toEqual(['src', 't/a'])
})

it('work that leaves the protected files alone has no other tree', async () => {
  const repo = made()
  write(repo, 't/a', 'strong\n')
  const base = commit(repo)
  write(repo, 'src/x', 'x\n')
  const head = commit(repo)
  expect(dataOf(await repo.combining.withFilesOf(base, head, isTaken))).toBe(null)
  expect(dataOf(await repo.combining.withFilesOf(base, head, () => false))).toBe(null)
})

it.each(['sha1', 'sha256'])(
  'is laid out outside of the project, in a %s repository with a sparse checkout',
  async format => {
    const repo = made(format)
    write(repo, 't/a', 'strong\n')
    write(repo, 'src/x', 'x\n')
    const base = commit(repo)
    write(repo, 't/a', 'weak\n')
    write(repo, 't/new', 'new\n')
    write(repo, 'src/x', 'better\n')
    const head = commit(repo)
    repo.git('config', 'core.sparseCheckout', 'true')
    const found: Merged | null = dataOf(await repo.combining.withFilesOf(base, head, isTaken))
    if (found === null) throw new Error('the same')
    const layout = dataOf(await repo.combining.layOut(null))
    onTestFinished(layout.remove)
    dataOf(await layout.checkOut(found))
    const seen = execFileSync('sh', ['-c', 'cat t/a src/x; ls t; git status --porcelain'], { cwd: layout.path })
    expect(seen.toString()).toBe('strong\nbetter\na\n')
    expect(dataOf(await layout.whyNoRoom())).toBe(null)
  },
)
