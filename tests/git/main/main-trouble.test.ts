import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NextCommand } from '../../../src/core/next-command.ts'
import { whyNotMerge } from '../../../src/git/main/main-checkout.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

type Change = (made: ScratchRepository) => unknown

const ask = ({ root }: ScratchRepository) =>
  whyNotMerge(
    { root, mission: 'demo', runId: 'run-1', onKept: () => undefined },
    { coord: false, strategy: 'merge', lanes: ['lane', 'gone'] },
  )

/** As a person would: what is printed, before `sko resume`. */
function obey(root: string, printed: NextCommand | null): void {
  const [command, end] = printed?.command.split(' && sko resume') ?? []
  if (command === undefined || end !== '') throw new Error(`no command: ${printed?.command}`)
  execFileSync('sh', ['-c', command], { cwd: join(root, '..'), stdio: 'pipe' })
}

function changedRepository(change: Change): ScratchRepository {
  const made = scratchRepository()
  mkdirSync(join(made.root, 'kitty-specs', 'demo'), { recursive: true })
  writeFileSync(join(made.root, 'kitty-specs', 'demo', 'status.events.jsonl'), '{}\n')
  writeFileSync(join(made.root, "it's *.txt"), 'star\n')
  made.git(made.root, 'add', '--all')
  made.git(made.root, 'commit', '--quiet', '--message', 'Mission')
  made.git(made.root, 'config', 'user.name', 'T')
  made.git(made.root, 'config', 'user.email', 't@example.invalid')
  change(made)
  return made
}

const edit =
  (file: string): Change =>
  ({ root }) =>
    writeFileSync(join(root, file), 'changed\n')

/** A lane that brings `src/new.txt`, an ignored file and a file where the main checkout has a folder. */
function withLane({ lane, git }: ScratchRepository): void {
  mkdirSync(join(lane, 'src'))
  for (const file of ['src/new.txt', 'build.log', 'folder']) writeFileSync(join(lane, file), 'lane\n')
  git(lane, 'add', '--all', '--force')
  git(lane, 'commit', '--quiet', '--message', 'Work')
}

const put =
  (file: string): Change =>
  made => {
    withLane(made)
    mkdirSync(join(made.root, file, '..'), { recursive: true })
    writeFileSync(join(made.root, file), 'mine\n')
  }

/** Committed before there was the filter, and written again since, so that git asks it. */
const filtered: Change = ({ root, git }) => {
  git(root, 'config', 'filter.mark.clean', "sed 's/^/in git: /'")
  git(root, 'config', 'filter.mark.smudge', "sed 's/^in git: //'")
  mkdirSync(join(root, '.git', 'info'), { recursive: true })
  writeFileSync(join(root, '.git', 'info', 'attributes'), 'base.txt filter=mark\n')
  rmSync(join(root, 'base.txt'))
  writeFileSync(join(root, 'base.txt'), 'base\n')
}

/** The host has written a file of the mission with LF, where attributes ask for CRLF. null: the setting without a value. */
function plannedWithCrlf({ root, git }: ScratchRepository, safecrlf: string | null): void {
  mkdirSync(join(root, '.git', 'info'), { recursive: true })
  writeFileSync(join(root, '.git', 'info', 'attributes'), '* text eol=crlf\n')
  const value = safecrlf === null ? '' : ` = "${safecrlf}"`
  appendFileSync(join(root, '.git', 'config'), `[core]\n\tsafecrlf${value}\n`)
  writeFileSync(join(root, 'kitty-specs', 'demo', 'spec.md'), 'new\n')
  git(root, '-c', 'core.safecrlf=false', 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'Plan')
  writeFileSync(join(root, 'kitty-specs', 'demo', 'spec.md'), 'newer\n')
}

describe('new files in the main checkout', () => {
  it.each<[string, Change, string]>([
    ['of the name of one in a lane', put('src/new.txt'), 'src/'],
    ['in a folder that a lane brings', put('src/other.txt'), 'src/'],
    ['that are ignored', put('build.log'), 'build.log'],
    ['in a folder where a lane has a file', put('folder/deep.txt'), 'folder/'],
  ])('%s: are named, and the printed command puts them away and loses nothing', async (_, change, name) => {
    const made = changedRepository(change)
    const printed = await ask(made)
    expect(printed?.why).toContain(`have files of the same names: ${name};`)
    obey(made.root, printed)
    expect(await ask(made)).toBeNull()
    expect(made.git(made.root, 'log', '-1', '--format=', '-p', 'stash@{0}^3')).toContain('+mine')
  })

  it('that no lane has: nothing is in the way, and nothing of the host and of sko ever is', async () => {
    const made = changedRepository(put('notes/mine.txt'))
    for (const folder of ['.kittify/logs', 'kitty-specs/demo']) {
      for (const place of [made.root, made.lane]) mkdirSync(join(place, folder), { recursive: true })
    }
    for (const file of ['.kittify/logs/a', 'kitty-specs/demo/status.json']) {
      for (const place of [made.root, made.lane]) writeFileSync(join(place, file), 'x')
    }
    made.git(made.lane, 'add', '--all')
    made.git(made.lane, 'commit', '--quiet', '--message', 'More')
    expect(await ask(made)).toBeNull()
  })
})

describe('what a merge finds in the main checkout', () => {
  it.each<[string, Change, string]>([
    ['a changed file', edit('base.txt'), 'base.txt'],
    ['a file with a name of the shell and of patterns', edit("it's *.txt"), "it's *.txt"],
    ['a staged file', made => [edit('new.txt')(made), made.git(made.root, 'add', 'new.txt')], 'new.txt'],
    ['a deleted file', ({ root }) => rmSync(join(root, 'base.txt')), 'base.txt'],
    ['a file that only a filter makes differ', filtered, 'no stash puts away: base.txt'],
    ['a file whose mode was changed', ({ root }) => chmodSync(join(root, 'base.txt'), 0o755), 'changes: base.txt'],
    ['core.bare', ({ root, git }) => git(root, 'config', 'core.bare', 'true'), 'core.bare was set'],
    [
      'core.bare that git has moved to the settings of the main checkout',
      ({ root, git }) => {
        git(root, 'config', 'extensions.worktreeConfig', 'true')
        git(root, 'config', '--worktree', 'core.bare', 'true')
      },
      'core.bare was set',
    ],
    [
      'core.worktree',
      ({ root, git }) => git(root, 'config', 'core.worktree', join(root, '..')),
      'core.worktree was set',
    ],
  ])('%s: is named, and the printed command clears the way', async (_, change, words) => {
    const made = changedRepository(change)
    const printed = await ask(made)
    expect(printed?.why).toContain(words)
    obey(made.root, printed)
    expect(await ask(made)).toBeNull()
  })

  it.each(['true', 'Yes', 'on', '1', '2', null])(
    'a file of the mission that git refuses for its line ends (core.safecrlf is %s): it is committed all the same',
    async safecrlf => {
      const made = changedRepository(repository => plannedWithCrlf(repository, safecrlf))
      expect(() => made.git(made.root, 'add', 'kitty-specs')).toThrow('LF would be replaced by CRLF')
      const printed = await ask(made)
      expect(printed?.command).toContain('-c core.safecrlf=false')
      obey(made.root, printed)
      expect(await ask(made)).toBeNull()
    },
  )

  it.each(['warn', 'false', 'no', 'off', '0', ''])(
    'with core.safecrlf=%s git refuses no line ends, and the command stays short',
    async safecrlf => {
      const made = changedRepository(repository => plannedWithCrlf(repository, safecrlf))
      const printed = await ask(made)
      expect(printed?.command).not.toContain('core.safecrlf')
      obey(made.root, printed)
      expect(await ask(made)).toBeNull()
    },
  )

  it('files of the mission: they are committed where they are, and the records of the host left', async () => {
    const made = changedRepository(({ root, git }) => {
      for (const name of ['spec.md', 'meta.json', 'odd *.md'])
        writeFileSync(join(root, 'kitty-specs/demo', name), 'x\n')
      git(root, 'add', '--all')
      git(root, 'commit', '--quiet', '--message', 'More')
    })
    edit('kitty-specs/demo/meta.json')(made)
    expect(await ask(made)).toBeNull()
    for (const [name, all] of [
      ['spec.md', 'kitty-specs/demo/spec.md'],
      ['odd *.md', 'kitty-specs/demo/odd *.md'],
    ] as const) {
      edit(`kitty-specs/demo/${name}`)(made)
      const printed = await ask(made)
      expect(`${printed?.command} ${printed?.why}`).toContain(all)
      obey(made.root, printed)
      expect(await ask(made)).toBeNull()
      expect(made.git(made.root, 'show', '--format=', '--name-only', 'HEAD')).toBe(all)
    }
    expect(made.git(made.root, 'status', '--porcelain')).toBe('M kitty-specs/demo/meta.json')
  })

  it('loses nothing: what was stashed comes back, and the lanes stay where they are', async () => {
    const made = changedRepository(edit('base.txt'))
    edit('kitty-specs/demo/status.events.jsonl')(made)
    edit('untracked.txt')(made)
    obey(made.root, await ask(made))
    expect(made.git(made.root, 'status', '--porcelain')).toMatch(/^M kitty-specs\S+\n\?\? untracked\.txt$/)
    obey(made.root, await ask(made))
    made.git(made.root, 'stash', 'pop', '--quiet')
    expect(readFileSync(join(made.root, 'base.txt'), 'utf8')).toBe('changed\n')
  })

  it('takes many changed files in one command, but not the lanes', async () => {
    const made = changedRepository(({ root, git }) => {
      for (let n = 0; n < 30; n += 1) writeFileSync(join(root, `${n}.txt`), 'new\n')
      git(root, 'add', '--all')
    })
    edit('kitty-specs/demo/status.events.jsonl')(made)
    const printed = await ask(made)
    expect(printed?.why).toMatch(/0\.txt.* and 27 more/)
    obey(made.root, printed)
    expect(made.git(made.root, 'status', '--porcelain')).toMatch(/^M kitty-specs\S+$/)
  })

  it('leaves a conflict to a person, and new files where they are', async () => {
    const made = changedRepository(made => {
      made.git(made.root, 'checkout', '--quiet', '-b', 'other')
      edit('base.txt')(made)
      made.git(made.root, 'commit', '--quiet', '--all', '--message', 'Other')
      made.git(made.root, 'checkout', '--quiet', 'work')
      writeFileSync(join(made.root, 'base.txt'), 'mine\n')
      made.git(made.root, 'commit', '--quiet', '--all', '--message', 'Mine')
      expect(() => made.git(made.root, 'merge', '--quiet', 'other')).toThrow()
    })
    const why = expect.stringMatching(/^resolve the conflict in .* first, in base\.txt/)
    expect(await ask(made)).toEqual({ command: 'sko resume', why })
    const clean = changedRepository(edit('untracked.txt'))
    expect(await ask(clean)).toBeNull()
  })
})
