import { copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { inject, onTestFinished } from 'vitest'
import type { Level } from '../level.ts'
import type { CellWorld } from '../world.ts'

const cutOff = /is a shallow clone/

/** The form of the repository and of what is in it. */
export const project: readonly Level[] = [
  { name: 'usual', quick: true },
  { name: 'odd-path', quick: true, place: 'a \'b\' "c" $d `e` ü (f) & g;h' },
  {
    name: 'linked',
    quick: true,
    place: 'link',
    prepare: async ({ folder, repo }) => {
      await mkdir(join(folder, 'real'))
      await rename(repo, join(folder, 'real', 'repo'))
      await symlink(join(folder, 'real', 'repo'), repo)
    },
  },
  {
    name: 'filter',
    quick: true,
    arrange: world =>
      committed(world, {
        files: { '.gitattributes': '*.txt filter=upper\n' },
        settings: [
          ['filter.upper.clean', "sed 's/^/in git: /'"],
          ['filter.upper.smudge', "sed 's/^in git: //'"],
          ['filter.upper.required', 'true'],
        ],
      }),
  },
  {
    name: 'filter-missing',
    arrange: world =>
      committed(world, {
        files: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' },
        settings: [
          ['filter.lfs.clean', 'git-lfs-missing clean -- %f'],
          ['filter.lfs.smudge', 'git-lfs-missing smudge -- %f'],
          ['filter.lfs.required', 'true'],
        ],
      }),
  },
  {
    name: 'crlf',
    arrange: world =>
      committed(world, { files: { '.gitattributes': '* text=auto eol=crlf\n', 'dos.txt': 'a\r\nb\r\n' } }),
  },
  {
    name: 'submodule',
    quick: true,
    arrange: async world => {
      const library = join(world.folder, 'library')
      await repositoryIn(library, world)
      await world.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'vendor/library')
      await world.git('commit', '-q', '-m', 'Add a submodule')
    },
  },
  {
    name: 'sparse',
    arrange: async world => {
      await committed(world, { files: { 'docs/big.txt': 'big\n', 'src/small.txt': 'small\n' } })
      await world.git('sparse-checkout', 'set', 'src', 'kitty-specs', '.kittify')
    },
  },
  {
    name: 'worktrees-linked',
    arrange: async ({ folder, repo }) => {
      await mkdir(join(folder, 'elsewhere'))
      await symlink(join(folder, 'elsewhere'), join(repo, '.worktrees')).catch(() => undefined)
    },
  },
  {
    name: 'worktrees-mounted',
    needsRoot: true,
    prepare: async ({ repo }) => {
      const worktrees = join(repo, '.worktrees')
      await mkdir(worktrees)
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', worktrees])
      onTestFinished(async () => {
        await execa('umount', ['--lazy', worktrees])
      })
    },
  },
  {
    name: 'separate-git-dir',
    arrange: async world => {
      await world.git('init', '-q', '--separate-git-dir', join(dirname(world.repo), 'git-dir'))
    },
  },
  { name: 'shallow', arrange: shallow, refused: { says: cutOff } },
  {
    // As CI checks a commit out: no local branch.
    name: 'shallow-detached',
    arrange: async world => {
      await shallow(world)
      await world.git('checkout', '-q', '--detach')
      await world.git('branch', '-q', '-D', 'work')
    },
    personsCure: async world => {
      await world.git('checkout', '-q', 'work').catch(() => undefined)
    },
    refused: { says: cutOff },
  },
  {
    name: 'initialized',
    hasProject: true,
    prepare: async ({ folder, repo }) => {
      const git = (...args: string[]) => execa('git', args, { cwd: repo })
      await git('init', '-q', '-b', 'main')
      const args = ['init', '--ai', 'claude', '--non-interactive']
      await execa(inject('warmHost'), args, { cwd: repo, env: { HOME: join(folder, 'home') } })
      await git('config', 'user.name', 'A Developer')
      await git('config', 'user.email', 'developer@example.invalid')
      await writeFile(join(repo, 'README.md'), '# A project\n')
      await git('add', '-A')
      await git('commit', '-q', '-m', 'Begin')
      await git('checkout', '-q', '-b', 'work')
    },
  },
  {
    // A repository in it that was not added.
    name: 'nested',
    arrange: world => repositoryIn(join(world.repo, 'tools', 'inner'), world),
  },
  {
    // Its commit is on the target, and no .gitmodules says where it is from.
    name: 'nested-link',
    arrange: async world => {
      await repositoryIn(join(world.repo, 'tools', 'inner'), world)
      await world.git('-c', 'advice.addEmbeddedRepo=false', 'add', 'tools/inner')
      await world.git('commit', '-q', '-m', 'Add a tool')
    },
  },
]

const identity = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@x' }

interface Content {
  readonly files: Readonly<Record<string, string>>
  readonly settings?: readonly (readonly [string, string])[]
}

/** Its history is cut off: a new clone of depth 1, with the configuration of the old one. */
async function shallow({ folder, repo, git }: CellWorld): Promise<void> {
  const origin = join(folder, 'origin')
  await rename(join(repo, '.git'), origin)
  // The host takes the default branch of origin for protected.
  await git('--git-dir', origin, 'symbolic-ref', 'HEAD', 'refs/heads/main')
  await git('init', '-q', '-b', 'work')
  await copyFile(join(origin, 'config'), join(repo, '.git', 'config'))
  await git('remote', 'add', 'origin', `file://${origin}`)
  await git('config', 'protocol.file.allow', 'always')
  await git('fetch', '-q', '--depth', '1', 'origin', '+refs/heads/*:refs/remotes/origin/*')
  await git('branch', '-q', '--track', 'work', 'origin/work')
  await git('reset', '-q')
  // A clone has no worktrees.
  await rm(join(repo, '.worktrees'), { recursive: true, force: true })
}

/** A repository of its own, with one commit. */
async function repositoryIn(folder: string, { env }: CellWorld): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'lib.txt'), 'library\n')
  const git = (...args: string[]) => execa('git', args, { cwd: folder, env: { ...env, ...identity } })
  await git('init', '-q')
  await git('add', '-A')
  await git('commit', '-q', '-m', 'Library')
}

/** Commits more files to the target, before the run. */
async function committed(world: CellWorld, { files, settings = [] }: Content): Promise<void> {
  for (const [name, value] of settings) await world.git('config', name, value)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(world.repo, path)), { recursive: true })
    await writeFile(join(world.repo, path), text, { flag: 'a' })
    await world.git('add', path)
  }
  await world.git('commit', '-q', '-m', 'Set the project up')
}
