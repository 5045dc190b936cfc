import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { GitError } from '../../src/git/git-error.ts'
import { whole } from '../whole.ts'
import {
  attributes,
  both,
  config,
  keepAs,
  type ScratchRepository,
  scratchRepository,
  type World,
} from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

const environment =
  (name: string, value: string): World =>
  () => {
    vi.stubEnv(name, value)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
  }

/** A program that says that it was started. */
function program({ root }: ScratchRepository, name = 'program'): string {
  const path = join(root, '..', name)
  writeFileSync(path, `#!/bin/sh\necho started >> '${join(root, '..', 'started')}'\necho pretty\n`, { mode: 0o755 })
  return path
}

const withProgram =
  (key: string): World =>
  made =>
    made.git(made.root, 'config', key, program(made))

/** Nothing in these keeps git from adding files, so that the same must come out of every call as without them. */
const worlds: readonly (readonly [string, World])[] = [
  ['no setting', () => {}],
  ['diff.external', withProgram('diff.external')],
  ['GIT_EXTERNAL_DIFF', made => environment('GIT_EXTERNAL_DIFF', program(made))(made)],
  ['color.ui', config(['color.ui', 'always'], ['color.diff', 'always'], ['color.status', 'always'])],
  ['diff.noprefix', config(['diff.noprefix', 'true'])],
  ['diff.mnemonicPrefix', config(['diff.mnemonicPrefix', 'true'])],
  ['diff.srcPrefix', config(['diff.srcPrefix', 'x/'], ['diff.dstPrefix', 'y/'])],
  [
    'textconv',
    both(
      config(['diff.up.textconv', 'tr a-z A-Z <'], ['diff.up.cachetextconv', 'true']),
      attributes('*.txt diff=up\n'),
    ),
  ],
  ['a diff driver', made => both(withProgram('diff.nb.command'), attributes('*.txt diff=nb\n'))(made)],
  [
    'diff.renames, algorithm, context, order',
    made => {
      const order = join(made.root, '..', 'order')
      writeFileSync(order, '*.zzz\n')
      config(
        ['diff.renames', 'copies'],
        ['diff.algorithm', 'patience'],
        ['diff.context', '0'],
        ['diff.orderFile', order],
        ['diff.interHunkContext', '9'],
      )(made)
    },
  ],
  [
    'diff.ignoreSubmodules, submodule.recurse',
    config(['diff.ignoreSubmodules', 'all'], ['submodule.recurse', 'true'], ['diff.submodule', 'log']),
  ],
  [
    'diff.wordRegex, colorMoved, whitespace',
    config(
      ['diff.wordRegex', '('],
      ['diff.colorMoved', 'zebra'],
      ['core.whitespace', 'trailing-space'],
      ['apply.whitespace', 'error'],
    ),
  ],
  [
    'status',
    config(
      ['status.short', 'true'],
      ['status.branch', 'true'],
      ['status.showUntrackedFiles', 'no'],
      ['status.relativePaths', 'false'],
      ['status.renames', 'copies'],
    ),
  ],
  [
    'log',
    config(
      ['log.showSignature', 'true'],
      ['log.decorate', 'full'],
      ['format.pretty', 'fuller'],
      ['log.date', 'relative'],
      ['log.follow', 'true'],
    ),
  ],
  ['core.quotePath', config(['core.quotePath', 'false'], ['core.abbrev', '4'])],
  ['the pager', made => both(withProgram('core.pager'), withProgram('pager.diff'), withProgram('pager.status'))(made)],
  ['core.fsmonitor', withProgram('core.fsmonitor')],
  [
    'core.untrackedCache, splitIndex',
    config(
      ['core.untrackedCache', 'true'],
      ['core.splitIndex', 'true'],
      ['index.threads', '1'],
      ['index.version', '4'],
    ),
  ],
  [
    'core.trustctime, checkStat',
    config(['core.trustctime', 'false'], ['core.checkStat', 'minimal'], ['core.ignoreStat', 'true']),
  ],
  [
    'hooks',
    made => {
      const hooks = join(made.root, '..', 'hooks')
      mkdirSync(hooks)
      for (const name of [
        'pre-commit',
        'commit-msg',
        'post-commit',
        'post-checkout',
        'reference-transaction',
        'post-index-change',
        'pre-auto-gc',
      ]) {
        program(made, `hooks/${name}`)
        writeFileSync(join(hooks, name), `${readFileSync(join(hooks, name), 'utf8')}exit 1\n`, { mode: 0o755 })
      }
      config(['core.hooksPath', hooks])(made)
    },
  ],
  [
    'signing',
    made => both(config(['commit.gpgSign', 'true'], ['tag.gpgSign', 'true']), withProgram('gpg.program'))(made),
  ],
  ['no identity', config(['user.useConfigOnly', 'true'], ['user.name', ''], ['user.email', ''])],
  ['author and committer', config(['author.name', ''], ['committer.email', 'x'])],
  ['GIT_AUTHOR_DATE', both(environment('GIT_AUTHOR_DATE', 'nonsense'), environment('GIT_COMMITTER_DATE', ''))],
  ['GIT_COMMITTER_NAME', both(environment('GIT_COMMITTER_NAME', ''), environment('GIT_AUTHOR_EMAIL', ''))],
  [
    'GIT_DIR',
    both(
      environment('GIT_DIR', '/nowhere'),
      environment('GIT_WORK_TREE', '/nowhere'),
      environment('GIT_INDEX_FILE', '/nowhere/index'),
    ),
  ],
  [
    'GIT_OBJECT_DIRECTORY',
    both(
      environment('GIT_OBJECT_DIRECTORY', '/nowhere'),
      environment('GIT_ALTERNATE_OBJECT_DIRECTORIES', '/nowhere'),
      environment('GIT_NAMESPACE', 'x'),
    ),
  ],
  ['GIT_CONFIG_PARAMETERS', environment('GIT_CONFIG_PARAMETERS', "'color.ui=always' 'core.bare=true'")],
  ['GIT_CONFIG_COUNT', environment('GIT_CONFIG_COUNT', 'many')],
  ['GIT_TRACE', made => environment('GIT_TRACE', join(made.root, '..', 'trace'))(made)],
  ['GIT_LITERAL_PATHSPECS', both(environment('GIT_LITERAL_PATHSPECS', '1'), environment('GIT_ICASE_PATHSPECS', '1'))],
  [
    'GIT_DEFAULT_HASH, GIT_PAGER, GIT_EDITOR',
    both(
      environment('GIT_DEFAULT_HASH', 'sha256'),
      environment('GIT_PAGER', 'false'),
      environment('GIT_EDITOR', 'false'),
    ),
  ],
  ['encodings', config(['i18n.commitEncoding', 'ISO-8859-1'], ['i18n.logOutputEncoding', 'UTF-16'])],
  [
    'commit.template, cleanup, verbose',
    config(
      ['commit.template', '/nowhere'],
      ['commit.cleanup', 'scissors'],
      ['commit.verbose', 'true'],
      ['core.commentChar', 'W'],
    ),
  ],
  [
    'clean.requireForce, advice, column',
    config(['clean.requireForce', 'true'], ['advice.addIgnoredFile', 'true'], ['column.ui', 'always']),
  ],
  ['core.safecrlf', config(['core.autocrlf', 'input'], ['core.safecrlf', 'true'])],
  ['aliases', config(['alias.status', '!false'], ['alias.add', '!false'])],
  ['gc', config(['gc.auto', '1'], ['gc.autoPackLimit', '1'], ['maintenance.strategy', 'incremental'])],
  [
    'merge and rebase',
    config(
      ['merge.conflictStyle', 'diff3'],
      ['rebase.autoStash', 'true'],
      ['rerere.enabled', 'true'],
      ['checkout.defaultRemote', 'x'],
    ),
  ],
  [
    'add.ignoreErrors, interactive.diffFilter',
    made => both(config(['add.ignoreErrors', 'true']), withProgram('interactive.diffFilter'))(made),
  ],
]

/** Every fourth together: `tests/self-test` has every setting of git in one file or the other, hundreds at once too. */
const groups = Array.from({ length: 4 }, (_, group) => {
  const members = worlds.filter((__, index) => index % 4 === group)
  return [members.map(([name]) => name).join('; '), both(...members.map(([, world]) => world))] as const
})
const rows = whole ? worlds : groups

function work({ lane }: ScratchRepository): void {
  writeFileSync(join(lane, 'base.txt'), 'base\nvaluable line\n')
  writeFileSync(join(lane, 'new ü.txt'), 'valuable new file\n')
}

const at = (made: ScratchRepository) => ({ head: made.git(made.lane, 'rev-parse', 'HEAD'), branch: 'lane' })

/** What the world of the test has changed is no part of looking at the result. */
function plainly({ root }: ScratchRepository, cwd: string, ...args: readonly string[]): string {
  const off = [
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.pager=cat',
    'i18n.logOutputEncoding=UTF-8',
    'color.ui=false',
    'color.diff=false',
    'color.status=false',
  ]
  return execFileSync('git', [...off.flatMap(setting => ['-c', setting]), ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: join(root, '..') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

describe('under any settings', () => {
  it.each(rows)('%s: what is put back is in the ref and in a patch that applies', async (_, world) => {
    const made = scratchRepository()
    const { root, lane } = made
    const before = at(made)
    world(made)
    work(made)
    const patchFile = join(root, '..', 'p.patch')
    const workspace = createWorkspace(root, 'run-1')
    const kept = await workspace.restore(lane, before, keepAs(patchFile))
    expect(kept).toEqual({ ref: 'refs/sko/kept/run-1/WP01/1', since: before.head, patch: patchFile })
    expect(readFileSync(join(lane, 'base.txt'), 'utf8')).toBe('base\n')
    expect(existsSync(join(lane, 'new ü.txt'))).toBe(false)
    expect(plainly(made, root, 'show', `${kept.ref}:base.txt`)).toBe('base\nvaluable line\n')
    expect(plainly(made, root, 'show', `${kept.ref}:new ü.txt`)).toBe('valuable new file\n')
    plainly(made, lane, '-c', 'apply.whitespace=nowarn', 'apply', patchFile)
    expect(readFileSync(join(lane, 'new ü.txt'), 'utf8')).toBe('valuable new file\n')
    expect(existsSync(join(root, '..', 'started'))).toBe(false)
  })

  it.each(rows)('%s: the worktree is reported the same, and committed as it is', async (_, world) => {
    const made = scratchRepository()
    const { root, lane } = made
    const { head: base } = at(made)
    world(made)
    work(made)
    const workspace = createWorkspace(root, 'run-1')
    expect(await workspace.inspect(lane)).toEqual({ kind: 'ready', head: base, dirty: true, branch: 'lane' })
    const head = await workspace.commitAll(lane, 'WP01: ünïcode\n\n# kept')
    expect(await workspace.inspect(lane)).toEqual({ kind: 'ready', head, dirty: false, branch: 'lane' })
    expect((await workspace.changes(lane, base, head)).map(({ path }) => path)).toEqual(['base.txt', 'new ü.txt'])
    expect((await workspace.history(lane, base)).map(({ commit }) => commit)).toEqual([base, head])
    expect(
      (await workspace.diffStat(lane, base, head)).split('\n').map(line => line.trim().replace(/ +\|/, ' |')),
    ).toEqual(['base.txt | 1 +', '"new \\303\\274.txt" | 1 +', '2 files changed, 2 insertions(+)'])
    expect((await workspace.log(lane, base, head)).replace(/^[0-9a-f]+ /, '')).toBe('WP01: ünïcode')
    expect((await workspace.diff(lane, base, head, 10_000)).text).toMatch(
      /^diff --git a\/base\.txt b\/base\.txt\nindex [0-9a-f]{7}\.\.[0-9a-f]{7} 100644\n--- a\/base\.txt\n\+\+\+ b\/base\.txt\n@@ -1 \+1,2 @@\n base\n\+valuable line\n/,
    )
    expect(plainly(made, lane, 'log', '-1', '--format=%an <%ae> %cn', head).trim()).toBe(
      'spec-kitty-orchestrator <spec-kitty-orchestrator@localhost> spec-kitty-orchestrator',
    )
    expect(existsSync(join(root, '..', 'started'))).toBe(false)
  })
})

/** What git cannot add, or would not see. */
const hard: readonly (readonly [string, World])[] = [
  [
    'a required filter that is missing',
    both(
      config(['filter.lfs.clean', 'git-lfs-missing clean'], ['filter.lfs.required', 'true']),
      attributes('new* filter=lfs\n'),
    ),
  ],
  [
    'a required filter process that is missing',
    both(
      config(['filter.lfs.process', 'git-lfs-missing'], ['filter.lfs.required', 'true']),
      attributes('new* filter=lfs\n'),
    ),
  ],
  [
    'a sparse checkout',
    made => {
      mkdirSync(join(made.lane, 'in'))
      writeFileSync(join(made.lane, 'in/a'), 'a')
      made.git(made.lane, 'add', '--all')
      made.git(made.lane, 'commit', '--quiet', '--message', 'In')
      made.git(made.lane, 'sparse-checkout', 'set', '--no-cone', '/in/')
    },
  ],
  [
    'a cone',
    made => {
      mkdirSync(join(made.lane, 'in'))
      writeFileSync(join(made.lane, 'in/a'), 'a')
      made.git(made.lane, 'add', '--all')
      made.git(made.lane, 'commit', '--quiet', '--message', 'In')
      made.git(made.lane, 'sparse-checkout', 'set', '--cone', 'in')
    },
  ],
  ['skip-worktree', ({ lane, git }) => git(lane, 'update-index', '--skip-worktree', 'base.txt')],
  ['assume-unchanged', ({ lane, git }) => git(lane, 'update-index', '--assume-unchanged', 'base.txt')],
]

/** As `work`, in places of which some are outside a sparse checkout. */
function workEverywhere({ lane }: ScratchRepository): void {
  writeFileSync(join(lane, 'base.txt'), 'base\nvaluable line\n')
  writeFileSync(join(lane, 'new ü.txt'), 'valuable new file\n')
  mkdirSync(join(lane, 'out'), { recursive: true })
  writeFileSync(join(lane, 'out/far.txt'), 'far\n')
}

describe('what git does not add', () => {
  it.each(hard)('%s: is kept all the same before it is put back', async (_, world) => {
    const made = scratchRepository()
    const { root, lane } = made
    world(made)
    const before = at(made)
    workEverywhere(made)
    const workspace = createWorkspace(root, 'run-1')
    const kept = await workspace.restore(lane, before, keepAs(join(root, '..', 'p.patch')))
    expect(plainly(made, root, 'show', `${kept.ref}:base.txt`)).toBe('base\nvaluable line\n')
    expect(plainly(made, root, 'show', `${kept.ref}:new ü.txt`)).toBe('valuable new file\n')
    expect(plainly(made, root, 'show', `${kept.ref}:out/far.txt`)).toBe('far\n')
    expect(await workspace.inspect(lane)).toMatchObject({ head: before.head, dirty: false, branch: 'lane' })
    expect(await workspace.hiddenFiles(lane)).toEqual([])
    expect(existsSync(join(lane, 'new ü.txt'))).toBe(false)
  })

  it.each(hard.slice(2))('%s: is committed all the same', async (_, world) => {
    const made = scratchRepository()
    const { root, lane } = made
    world(made)
    workEverywhere(made)
    const workspace = createWorkspace(root, 'run-1')
    const head = await workspace.commitAll(lane, 'WP01')
    expect(plainly(made, root, 'show', `${head}:base.txt`)).toBe('base\nvaluable line\n')
    expect(plainly(made, root, 'show', `${head}:out/far.txt`)).toBe('far\n')
    expect(await workspace.inspect(lane)).toMatchObject({ head, dirty: false })
    expect(await workspace.hiddenFiles(lane)).toEqual([])
  })

  it.each(hard.slice(0, 2))('%s: is named, and nothing is committed or lost', async (_, world) => {
    const made = scratchRepository()
    const { root, lane, git } = made
    world(made)
    const { head } = at(made)
    workEverywhere(made)
    const committed = createWorkspace(root, 'run-1').commitAll(lane, 'WP01')
    await expect(committed).rejects.toThrow(GitError)
    await expect(committed).rejects.toThrow(/add: .*new .*lfs/)
    expect(git(lane, 'rev-parse', 'HEAD')).toBe(head)
    expect(readFileSync(join(lane, 'new ü.txt'), 'utf8')).toBe('valuable new file\n')
  })

  it('nothing is put back where not everything can be kept', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const before = at(made)
    workEverywhere(made)
    git(lane, 'init', '--quiet', 'inner')
    writeFileSync(join(lane, 'inner/precious'), 'x')
    rmSync(join(lane, 'inner/.git/HEAD'))
    const restored = createWorkspace(root, 'run-1').restore(lane, before, keepAs(join(root, '..', 'p.patch')))
    await expect(restored).rejects.toThrow(/lane-a\/inner is not a repository that git can read/)
    expect(readFileSync(join(lane, 'inner/precious'), 'utf8')).toBe('x')
    expect(readFileSync(join(lane, 'new ü.txt'), 'utf8')).toBe('valuable new file\n')
    expect(readdirSync(join(root, '..')).filter(name => name.endsWith('.patch'))).toEqual([])
  })

  it.each([
    ['a file cannot be read', 'hash-object', "fatal: could not open 'secret' for reading: Permission denied", 128],
    ['a folder cannot be looked into', 'ls-files', "warning: could not open directory 'secret/': Permission denied", 0],
    ['there is no room', 'write-tree', 'error: unable to create temporary file: No space left on device', 128],
    ['the ref cannot be written', 'update-ref', 'fatal: cannot lock ref: Permission denied', 128],
  ])('nothing is put back where %s', async (_, command, words, code) => {
    const made = scratchRepository()
    const { root, lane } = made
    const before = at(made)
    workEverywhere(made)
    const bin = join(root, '..', 'bin')
    mkdirSync(bin)
    const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const says = code === 0 ? `echo "${words}" >&2` : `{ echo "${words}" >&2; exit ${code}; }`
    const script = `#!/bin/sh\n[ "$1" != ${command} ] || ${says}\nexec '${real}' "$@"\n`
    writeFileSync(join(bin, 'git'), script, { mode: 0o755 })
    environment('PATH', `${bin}:${process.env.PATH}`)(made)
    const restored = createWorkspace(root, 'run-1').restore(lane, before, keepAs(join(root, '..', 'p.patch')))
    await expect(restored).rejects.toThrow(GitError)
    await expect(restored).rejects.toThrow(/Permission denied|No space left/)
    expect(readFileSync(join(lane, 'new ü.txt'), 'utf8')).toBe('valuable new file\n')
    expect(readFileSync(join(lane, 'base.txt'), 'utf8')).toBe('base\nvaluable line\n')
  })

  it('a folder that cannot be looked into is named, and nothing is committed', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const { head } = at(made)
    workEverywhere(made)
    const bin = join(root, '..', 'bin')
    mkdirSync(bin)
    const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const warning = `echo "warning: could not open directory 'secret/': Permission denied" >&2`
    writeFileSync(join(bin, 'git'), `#!/bin/sh\ncase "$*" in *--others*) ${warning};; esac\nexec '${real}' "$@"\n`, {
      mode: 0o755,
    })
    environment('PATH', `${bin}:${process.env.PATH}`)(made)
    await expect(createWorkspace(root, 'run-1').commitAll(lane, 'WP01')).rejects.toThrow(/secret.*Permission denied/)
    expect(git(lane, 'rev-parse', 'HEAD')).toBe(head)
  })
})

it('a commit that git is set to show in the place of another is not taken for it', async () => {
  const made = scratchRepository()
  const { root, lane, git } = made
  const { head: base } = at(made)
  work(made)
  const workspace = createWorkspace(root, 'run-1')
  const head = await workspace.commitAll(lane, 'WP01')
  git(root, 'replace', head, base)
  expect((await workspace.changes(lane, base, head)).map(({ path }) => path)).toEqual(['base.txt', 'new ü.txt'])
})
