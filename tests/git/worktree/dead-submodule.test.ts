import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { GitError } from '../../../src/git/git-error.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'
import { createWorkspace } from '../throwing.ts'

/** A lane with a submodule, and a file that no commit has. */
function lane(): ScratchRepository & { readonly pointer: string } {
  const made = scratchRepository()
  const source = join(made.root, '..', 'source')
  made.git(made.root, 'init', '--quiet', source)
  writeFileSync(join(source, 'inner.txt'), 'inner\n')
  made.git(source, 'add', '--all')
  made.git(source, 'commit', '--quiet', '--message', 'Inner')
  made.git(made.lane, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', source, 'vendor/sub')
  made.git(made.lane, 'commit', '--quiet', '--message', 'Add a submodule')
  writeFileSync(join(made.lane, 'work.txt'), 'work\n')
  return { ...made, pointer: join(made.lane, 'vendor/sub/.git') }
}

/** As `git reset --hard` leaves it with `submodule.recurse` (measured with 2.47): no file, and a link to nothing. */
function kill(pointer: string): void {
  rmSync(join(pointer, '..'), { recursive: true })
  mkdirSync(join(pointer, '..'))
  writeFileSync(pointer, 'gitdir: ../../../../.git/worktrees/lane-a/modules/nowhere\n')
}

it('prints the command that lets git add again', async () => {
  const made = lane()
  kill(made.pointer)
  const workspace = createWorkspace(made.root)
  const failure = await workspace.commitAll(made.lane, 'Work').catch((error: unknown) => error)
  if (!(failure instanceof GitError)) throw new Error(`committed: ${String(failure)}`)
  expect(failure.message).toContain('vendor/sub is not a repository that git can read')
  const cure = failure.cureOn('lane') ?? ''
  expect(cure).toBe(`rm -f -- '${made.pointer}'`)

  execFileSync('sh', ['-c', cure], { cwd: '/' })
  await workspace.commitAll(made.lane, 'Work')

  expect(made.git(made.lane, 'show', '--name-only', '--format=', 'HEAD')).toBe('work.txt')
  expect(made.git(made.lane, 'ls-files', 'vendor/sub')).toBe('vendor/sub')
})

it('has nothing to say of a submodule that is checked out', async () => {
  const made = lane()
  await createWorkspace(made.root).commitAll(made.lane, 'Work')
  expect(existsSync(made.pointer)).toBe(true)
  expect(made.git(made.lane, 'show', '--name-only', '--format=', 'HEAD')).toBe('work.txt')
})
