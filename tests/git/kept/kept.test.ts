import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keep } from '../../../src/git/kept/kept.ts'
import { cover } from '../../in-full.ts'
import {
  attributes,
  both,
  config,
  type ScratchRepository,
  scratchRepository,
  type World,
} from '../scratch-repository.ts'

const request = (worktree: string) => ({
  worktree,
  runId: 'run-1',
  wpId: 'WP01',
  why: 'its reviewer changed files',
  reason: 'tree-changed-during-review',
  proven: true,
})

/** Every file below a folder with its bytes, or the target of a link; `.git` of any repository left out. */
function bytesBelow(folder: string, prefix = ''): Record<string, string> {
  const all: Record<string, string> = {}
  for (const name of readdirSync(folder, { encoding: 'latin1' })) {
    if (name === '.git' || name.endsWith('.log')) continue
    const place = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')])
    const stats = lstatSync(place)
    if (stats.isDirectory()) Object.assign(all, bytesBelow(join(folder, name), `${prefix}${name}/`))
    else if (stats.isSymbolicLink()) all[`${prefix}${name}`] = `-> ${readlinkSync(place)}`
    else if (stats.isFile()) all[`${prefix}${name}`] = readFileSync(place, 'latin1')
  }
  return all
}

/** The same of a commit, read from its objects without any filter. */
function bytesOf(cwd: string, commit: string): Record<string, string> {
  const git = (...args: readonly string[]) =>
    execFileSync('git', [...args], { cwd, encoding: 'latin1', maxBuffer: 1e9, env: { PATH: process.env.PATH } })
  const entries = git('ls-tree', '-r', '-z', commit).split('\0').filter(Boolean)
  return Object.fromEntries(
    entries.flatMap(entry => {
      const [, mode, type, oid = '', path = ''] = /^(\d+) (\w+) (\w+)\t([\s\S]+)$/.exec(entry) ?? []
      if (type !== 'blob') return []
      const text = git('cat-file', 'blob', oid)
      return [[path, mode === '120000' ? `-> ${text}` : text]]
    }),
  )
}

const edit: World = ({ lane }) => {
  writeFileSync(join(lane, 'base.txt'), 'base\nvaluable line\n')
  writeFileSync(join(lane, 'new.txt'), 'valuable new file\n')
}

function otherRepository({ root, git }: ScratchRepository, place: string): string {
  const folder = join(root, place)
  git(root, 'init', '--quiet', '--initial-branch', 'main', folder)
  writeFileSync(join(folder, 'inner.txt'), 'inner\n')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'Inner')
  return folder
}

function addSubmodule(made: ScratchRepository): string {
  const source = otherRepository(made, '../source')
  made.git(made.lane, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', source, 'vendor/sub')
  made.git(made.lane, 'commit', '--quiet', '--message', 'Submodule')
  return join(made.lane, 'vendor/sub')
}

/**
 * Third: what is kept although it is not on disk. After the first 24 come those that are like one of them, or that
 * tests/git/put-back.test.ts has too.
 */
const worlds: readonly (readonly [string, World, Record<string, string>?])[] = [
  ['plain', edit],
  [
    'a deleted file, a file that became a folder, and a folder that became a link',
    made => {
      const { lane, git } = made
      mkdirSync(join(lane, 'folder'))
      writeFileSync(join(lane, 'folder/a'), 'a')
      writeFileSync(join(lane, 'gone'), 'gone')
      git(lane, 'add', '--all')
      git(lane, 'commit', '--quiet', '--message', 'More')
      rmSync(join(lane, 'gone'))
      rmSync(join(lane, 'base.txt'))
      mkdirSync(join(lane, 'base.txt'))
      writeFileSync(join(lane, 'base.txt/below'), 'below')
      renameSync(join(lane, 'folder'), join(lane, 'other'))
      symlinkSync('other', join(lane, 'folder'))
    },
  ],
  [
    'names of every kind',
    ({ lane }) => {
      for (const name of ['"quoted"', 'new\nline', 'tab\t', ' space ', 'back\\slash', '-dash', 'ünï', 'git~1', 'aux']) {
        writeFileSync(join(lane, name), `content of ${name}`)
      }
      writeFileSync(Buffer.concat([Buffer.from(`${lane}/`), Buffer.from([0xff, 0xfe, 0x41])]), 'no text')
      symlinkSync('nowhere\nat all', join(lane, 'dangling'))
    },
  ],
  [
    'bytes of every kind',
    ({ lane }) => writeFileSync(join(lane, 'bin'), Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 256))),
  ],
  [
    'staged, then changed, then deleted',
    ({ lane, git }) => {
      writeFileSync(join(lane, 'staged.txt'), 'first\n')
      git(lane, 'add', '--all')
      writeFileSync(join(lane, 'staged.txt'), 'second\n')
    },
  ],
  [
    'added although it is ignored',
    ({ lane, git }) => {
      writeFileSync(join(lane, 'forced.tmp'), 'x')
      writeFileSync(join(lane, '.gitignore'), '*.log\n.worktrees/\n*.tmp\n')
      git(lane, 'add', '--force', '--all')
    },
  ],
  ['intent to add', both(edit, ({ lane, git }) => git(lane, 'add', '--intent-to-add', '--all'))],
  [
    'a clean filter that fails and is required',
    both(
      config(['filter.lfs.clean', 'false'], ['filter.lfs.required', 'true']),
      attributes('*.txt filter=lfs\n'),
      edit,
    ),
  ],
  [
    'a clean filter that loses bytes',
    both(config(['filter.strip.clean', 'true']), attributes('*.txt filter=strip\n'), edit),
  ],
  [
    'line ends',
    both(config(['core.autocrlf', 'true'], ['core.safecrlf', 'true']), ({ lane }) =>
      writeFileSync(join(lane, 'dos.txt'), 'a\r\nb\n'),
    ),
  ],
  ['ident', both(attributes('*.txt ident\n'), ({ lane }) => writeFileSync(join(lane, 'base.txt'), '$Id: mine $\n'))],
  [
    'a split index',
    both(config(['core.splitIndex', 'true']), ({ lane, git }) => git(lane, 'update-index', '--split-index'), edit),
  ],
  [
    'a fifo and a socket',
    both(edit, ({ lane }) => {
      execFileSync('mkfifo', [join(lane, 'pipe')])
    }),
  ],
  [
    'a file that is now a fifo',
    ({ lane }) => {
      rmSync(join(lane, 'base.txt'))
      execFileSync('mkfifo', [join(lane, 'base.txt')])
    },
  ],
  [
    'a conflict',
    ({ root, lane, git }) => {
      writeFileSync(join(root, 'base.txt'), 'theirs\n')
      git(root, 'commit', '--quiet', '--all', '--message', 'Theirs')
      writeFileSync(join(lane, 'base.txt'), 'ours\n')
      git(lane, 'commit', '--quiet', '--all', '--message', 'Ours')
      expect(() => git(lane, 'merge', 'work')).toThrow()
    },
  ],
  [
    'a repository of its own',
    made => {
      otherRepository(made, '.worktrees/lane-a/tool')
      edit(made)
    },
  ],
  [
    'a repository without a commit',
    made => {
      made.git(made.lane, 'init', '--quiet', 'tool')
      writeFileSync(join(made.lane, 'tool/a'), 'a')
    },
  ],
  [
    'a repository in a repository, changed',
    made => {
      otherRepository(made, '.worktrees/lane-a/tool')
      const deep = otherRepository(made, '.worktrees/lane-a/tool/deep')
      writeFileSync(join(deep, 'inner.txt'), 'changed\n')
      writeFileSync(join(deep, 'more.txt'), 'more\n')
    },
  ],
  [
    'a submodule that is changed',
    made => {
      writeFileSync(join(addSubmodule(made), 'build.out'), 'built\n')
    },
  ],
  [
    'a submodule whose .git is gone',
    made => {
      const sub = addSubmodule(made)
      rmSync(join(sub, '.git'))
      writeFileSync(join(sub, 'more.txt'), 'more\n')
    },
  ],
  [
    'a worktree of the same repository',
    made => {
      made.git(made.lane, 'worktree', 'add', '--quiet', '--detach', 'second')
      writeFileSync(join(made.lane, 'second/x'), 'x')
    },
  ],
  ['an executable', ({ lane }) => chmodSync(join(lane, 'base.txt'), 0o755)],
  ['no branch', both(({ lane, git }) => git(lane, 'checkout', '--quiet', '--detach'), edit)],
  ['no commit', both(({ lane, git }) => git(lane, 'checkout', '--quiet', '--orphan', 'fresh'), edit)],
  ['skip-worktree', both(({ lane, git }) => git(lane, 'update-index', '--skip-worktree', 'base.txt'), edit)],
  ['assume-unchanged', both(({ lane, git }) => git(lane, 'update-index', '--assume-unchanged', 'base.txt'), edit)],
  [
    'a filter process that is not installed',
    both(
      config(['filter.lfs.process', 'git-lfs-missing filter-process'], ['filter.lfs.required', 'true']),
      attributes('*.txt filter=lfs\n'),
      edit,
    ),
  ],
  ['a working-tree encoding', both(attributes('*.txt working-tree-encoding=UTF-16\n'), edit)],
  [
    'external diff, colours, prefixes',
    both(config(['diff.external', 'false'], ['color.ui', 'always'], ['diff.noprefix', 'true']), edit),
  ],
  ['no identity', both(config(['user.useConfigOnly', 'true'], ['user.name', ''], ['user.email', '']), edit)],
  [
    'signing, encodings and templates',
    both(
      config(
        ['commit.gpgSign', 'true'],
        ['gpg.program', 'false'],
        ['i18n.commitEncoding', 'latin1'],
        ['commit.template', '/nowhere'],
      ),
      edit,
    ),
  ],
  [
    'a sparse index',
    both(({ lane, git }) => {
      mkdirSync(join(lane, 'in'))
      mkdirSync(join(lane, 'out'))
      writeFileSync(join(lane, 'in/a'), 'a')
      writeFileSync(join(lane, 'out/b'), 'b')
      git(lane, 'add', '--all')
      git(lane, 'commit', '--quiet', '--message', 'Two')
      git(lane, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'in')
    }, edit),
    { 'out/b': 'b' },
  ],
  [
    'a repository that is committed as a link',
    made => {
      const tool = otherRepository(made, '.worktrees/lane-a/tool')
      made.git(made.lane, 'add', '--all')
      made.git(made.lane, 'commit', '--quiet', '--message', 'Link')
      writeFileSync(join(tool, 'more.txt'), 'more\n')
    },
  ],
  [
    'a submodule with commits of its own',
    made => {
      const sub = addSubmodule(made)
      writeFileSync(join(sub, 'inner.txt'), 'own\n')
      made.git(sub, 'commit', '--quiet', '--all', '--message', 'Own')
    },
  ],
  ['an old time', both(edit, ({ lane }) => utimesSync(join(lane, 'base.txt'), 1, 1))],
]

describe('what is kept has every byte that is not ignored, and nothing of the user is touched', () => {
  it.each(cover(24, worlds).map(([name, world, outside]) => ({ name, world, outside })))(
    '$name',
    async ({ world, outside }) => {
      const made = scratchRepository()
      const { root, lane, git } = made
      world(made)
      writeFileSync(join(lane, 'ignored.log'), 'x')
      const onDisk = bytesBelow(lane)
      const refs = () =>
        git(root, 'for-each-ref')
          .split('\n')
          .filter(line => !line.includes('refs/sko/kept/'))
      const state = () => [
        ...['index', 'HEAD'].map(name => readFileSync(join(root, '.git/worktrees/lane-a', name), 'latin1')),
        ...refs(),
      ]
      const before = state()
      const kept = await keep(request(lane))
      expect(kept.ref).toBe('refs/sko/kept/run-1/WP01/1')
      expect(bytesOf(root, kept.ref)).toEqual({ ...onDisk, ...outside })
      expect(bytesBelow(lane)).toEqual(onDisk)
      expect(state()).toEqual(before)
      expect(git(root, 'log', '-1', '--format=%an %ae %cn %s', kept.ref)).toBe(
        'spec-kitty-orchestrator spec-kitty-orchestrator@localhost spec-kitty-orchestrator WP01: its reviewer changed files',
      )
    },
  )
})

describe('the commits of a repository inside the worktree', () => {
  it('are parents of what is kept, those of other branches, of its stash and of no branch too', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const inner = otherRepository(made, '.worktrees/lane-a/tool')
    const commit = (text: string) => {
      writeFileSync(join(inner, 'inner.txt'), text)
      git(inner, 'commit', '--quiet', '--all', '--message', text)
      return git(inner, 'rev-parse', 'HEAD')
    }
    git(inner, 'checkout', '--quiet', '-b', 'side')
    const side = commit('side')
    git(inner, 'checkout', '--quiet', '--detach', 'main')
    const detached = commit('detached')
    writeFileSync(join(inner, 'inner.txt'), 'stashed')
    git(inner, 'stash')
    const { ref } = await keep(request(lane))
    const history = git(root, 'rev-list', ref).split('\n')
    expect(history).toEqual(expect.arrayContaining([side, detached, git(inner, 'rev-parse', 'refs/stash')]))
  })

  it('that it hides from a fetch are a reason to keep nothing, rather than less', async () => {
    const made = scratchRepository()
    const inner = otherRepository(made, '.worktrees/lane-a/tool')
    made.git(inner, 'branch', 'side')
    writeFileSync(join(inner, 'inner.txt'), 'main\n')
    made.git(inner, 'commit', '--quiet', '--all', '--message', 'Main')
    made.git(inner, 'config', 'transfer.hideRefs', 'refs/heads/side')
    await expect(keep(request(made.lane))).rejects.toThrow(/tool does not allow a fetch of its ref at/)
  })
})
