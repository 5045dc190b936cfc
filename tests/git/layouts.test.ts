import { mkdirSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { findRepository } from '../../src/git/repository.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

/** A project with its lane worktree inside, in each way in which git can keep its own folder. */
interface Layout {
  readonly project: string
  readonly lane: string
}

const layouts: readonly (readonly [string, (made: ScratchRepository) => Layout])[] = [
  ['an ordinary clone', ({ root }) => project(root)],
  ['a submodule', submodule],
  ['a repository with --separate-git-dir', separate('apart')],
  ['one whose separate folder ends in .git', separate('apart.git')],
  ['a worktree of a bare repository', bareWorktree],
  ['a project with a line break in its name', moved('a\nb')],
  ['a project with a space at the end of its name', moved('a ')],
  ['a shallow clone', shallow],
  ['a project below another repository', nested],
]

it.each(layouts)('%s is found from everywhere in it, and its lane worktrees are worked in', async (_, make) => {
  const made = scratchRepository()
  const layout = make(made)
  made.git(layout.project, 'worktree', 'add', '--quiet', '-b', 'lane-b', layout.lane)
  const inside = join(layout.project, 'src')
  mkdirSync(inside)

  for (const from of [layout.project, inside, layout.lane]) {
    expect([from, (await findRepository(from)).root]).toEqual([from, layout.project])
  }
  const { inspect, commitAll } = createWorkspace(layout.project)
  writeFileSync(join(layout.lane, 'new.txt'), 'new\n')
  expect(await commitAll(layout.lane, 'work')).toMatch(/^[0-9a-f]{40}$/)
  expect(await inspect(layout.lane)).toMatchObject({ kind: 'ready', dirty: false, branch: 'lane-b' })
})

it("leads from a person's worktree of a project to its main checkout", async () => {
  const made = scratchRepository()
  project(made.root)
  const beside = join(dirname(made.root), 'beside')
  made.git(made.root, 'worktree', 'add', '--quiet', '--detach', beside)
  expect(await findRepository(beside)).toMatchObject({ root: made.root, branch: 'work' })
  const sub = submodule(made)
  const besideSub = join(dirname(made.root), 'beside-sub')
  made.git(sub.project, 'worktree', 'add', '--quiet', '--detach', besideSub)
  expect(await findRepository(besideSub)).toMatchObject({ root: sub.project })
})

it('takes a detached HEAD for no branch, and one without a commit for its branch', async () => {
  const made = scratchRepository()
  project(made.root)
  made.git(made.root, 'checkout', '--quiet', '--detach')
  expect(await findRepository(made.root)).toMatchObject({ root: made.root, branch: null })
  const unborn = join(dirname(made.root), 'unborn')
  made.git(made.root, 'init', '--quiet', '--initial-branch', 'main', unborn)
  mkdirSync(join(unborn, '.kittify'))
  expect(await findRepository(unborn)).toMatchObject({ root: unborn, branch: 'main' })
})

function project(folder: string): Layout {
  mkdirSync(join(folder, '.kittify'), { recursive: true })
  return { project: folder, lane: join(folder, '.worktrees', 'lane-b') }
}

function submodule({ root, git }: ScratchRepository): Layout {
  const above = join(dirname(root), 'above')
  git(dirname(root), 'init', '--quiet', above)
  git(above, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', root, 'parts/sub')
  return project(join(above, 'parts', 'sub'))
}

function separate(name: string) {
  return ({ root, git }: ScratchRepository): Layout => {
    const folder = dirname(root)
    git(folder, 'clone', '--quiet', '--separate-git-dir', join(folder, name), root, join(folder, 'clone'))
    return project(join(folder, 'clone'))
  }
}

function bareWorktree({ root, git }: ScratchRepository): Layout {
  const folder = dirname(root)
  git(folder, 'clone', '--quiet', '--bare', root, join(folder, 'all.git'))
  git(join(folder, 'all.git'), 'worktree', 'add', '--quiet', join(folder, 'checkout'), 'work')
  return project(join(folder, 'checkout'))
}

function moved(name: string) {
  return ({ root }: ScratchRepository): Layout => {
    const there = join(dirname(root), name)
    renameSync(root, there)
    return project(realpathSync(there))
  }
}

function shallow({ root, git }: ScratchRepository): Layout {
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'More')
  git(dirname(root), 'clone', '--quiet', '--depth', '1', `file://${root}`, join(dirname(root), 'clone'))
  return project(join(dirname(root), 'clone'))
}

function nested({ root, git }: ScratchRepository): Layout {
  const inner = join(root, 'inner')
  git(root, 'clone', '--quiet', root, inner)
  return project(inner)
}
