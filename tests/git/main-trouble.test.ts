import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { whyNotMerge } from '../../src/git/main-checkout.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'

type Change = (made: ScratchRepository) => unknown

const ask = ({ root }: ScratchRepository) =>
  whyNotMerge({ root, mission: 'demo', runId: 'run-1', onKept: () => undefined }, { coord: false, strategy: 'merge' })

/** As a person would: what is printed, before `sko resume`. */
function obey(root: string, printed: string | null): void {
  const command = / && sko resume {3}\(/.test(printed ?? '') ? printed?.split(' && sko resume   (')[0] : undefined
  if (command === undefined) throw new Error(`no command: ${printed}`)
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

describe('what a merge finds in the main checkout', () => {
  it.each<[string, Change, string]>([
    ['a changed file', edit('base.txt'), 'base.txt'],
    ['a file with a name of the shell and of patterns', edit("it's *.txt"), "it's *.txt"],
    ['a staged file', made => [edit('new.txt')(made), made.git(made.root, 'add', 'new.txt')], 'new.txt'],
    ['a deleted file', ({ root }) => rmSync(join(root, 'base.txt')), 'base.txt'],
    ['core.bare', ({ root, git }) => git(root, 'config', 'core.bare', 'true'), 'core.bare was set'],
    [
      'core.worktree',
      ({ root, git }) => git(root, 'config', 'core.worktree', join(root, '..')),
      'core.worktree was set',
    ],
  ])('%s: is named, and the printed command clears the way', async (_, change, words) => {
    const made = changedRepository(change)
    const printed = await ask(made)
    expect(printed).toContain(words)
    obey(made.root, printed)
    expect(await ask(made)).toBeNull()
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
    expect(printed).toMatch(/0\.txt.* and 27 more/)
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
    expect(await ask(made)).toMatch(/^settle the conflict in .*, then: sko resume {3}\(in base\.txt/)
    const clean = changedRepository(edit('untracked.txt'))
    expect(await ask(clean)).toBeNull()
  })
})
