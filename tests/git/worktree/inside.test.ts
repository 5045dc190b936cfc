import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { GitError } from '../../../src/git/git-error.ts'
import { keepAs, type ScratchRepository, scratchRepository } from '../scratch-repository.ts'
import { createWorkspace } from '../throwing.ts'

function add(path: string, { root, git }: ScratchRepository, branch: string): string {
  git(root, 'worktree', 'add', '--quiet', '-b', branch, path)
  return path
}

it.each<[string, (made: ScratchRepository) => string]>([
  ['a lane worktree', ({ lane }) => lane],
  ['one reached through a link', made => linked(made)],
  ['one whose paths are relative', made => relative(made)],
  ['one in a folder with a line break in its name', made => add(join(made.root, '.worktrees', 'a\n"b" c'), made, 'b')],
])('%s is worked in', async (_, path) => {
  const made = scratchRepository()
  expect(await createWorkspace(made.root).inspect(path(made))).toMatchObject({ kind: 'ready' })
})

/** What an agent can make of the `.git` of its worktree, and what a host might call one. */
it.each<[string, (made: ScratchRepository) => string]>([
  ['a repository of its own', ownRepository],
  ['another repository', ({ lane, root }) => pointed(lane, join(foreign(root), '.git'))],
  ['the main checkout', ({ lane, root }) => pointed(lane, join(root, '.git'))],
  ['another worktree', made => pointed(made.lane, gitFolder(add(join(made.root, '.worktrees', 'b'), made, 'b')))],
  ['a link', linkToMain],
  ['a folder of pipes', ({ lane, root }) => pointed(lane, pipes(join(root, 'pipes')))],
  ['text', ({ lane }) => pointed(lane, '\0')],
  ['a repository inside the project', ({ root }) => foreign(root)],
])('a worktree whose .git leads to %s is not touched', async (_, path) => {
  const made = scratchRepository()
  const worktree = path(made)
  const head = made.git(made.root, 'rev-parse', 'work', 'lane')
  writeFileSync(join(worktree, 'new.txt'), 'new\n')
  const { inspect, commitAll, restore } = createWorkspace(made.root)

  await expect(inspect(worktree)).rejects.toThrow(GitError)
  await expect(commitAll(worktree, 'work')).rejects.toThrow('does not point to this worktree')
  await expect(restore(worktree, { head, branch: 'lane' }, keepAs(join(made.root, 'p.patch')))).rejects.toThrow(
    GitError,
  )

  expect(made.git(made.root, 'rev-parse', 'work', 'lane')).toBe(head)
  expect(readFileSync(join(worktree, 'new.txt'), 'utf8')).toBe('new\n')
})

function linked({ lane, root }: ScratchRepository): string {
  symlinkSync(lane, join(root, 'link'))
  return join(root, 'link')
}

/** As `git worktree add --relative-paths` of newer versions writes them. */
function relative({ lane, root }: ScratchRepository): string {
  writeFileSync(join(lane, '.git'), 'gitdir: ../../.git/worktrees/lane-a\n')
  writeFileSync(join(root, '.git', 'worktrees', 'lane-a', 'gitdir'), '../../../.worktrees/lane-a/.git\n')
  return lane
}

/** Opening one to read waits for a writer. */
function pipes(folder: string): string {
  mkdirSync(folder)
  execFileSync('mkfifo', [join(folder, 'gitdir')])
  return folder
}

function pointed(worktree: string, folder: string): string {
  writeFileSync(join(worktree, '.git'), `gitdir: ${folder}\n`)
  return worktree
}

function gitFolder(worktree: string): string {
  return readFileSync(join(worktree, '.git'), 'utf8').slice('gitdir: '.length).trim()
}

function ownRepository({ lane, git }: ScratchRepository): string {
  rmSync(join(lane, '.git'))
  git(lane, 'init', '--quiet')
  return lane
}

function linkToMain({ lane, root }: ScratchRepository): string {
  rmSync(join(lane, '.git'))
  symlinkSync(join(root, '.git'), join(lane, '.git'))
  return lane
}

function foreign(root: string): string {
  const other = join(root, 'vendored')
  mkdirSync(join(other, '.git'), { recursive: true })
  return other
}
