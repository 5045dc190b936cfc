import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import type { Level } from '../level.ts'
import type { CellWorld } from '../world.ts'

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
      await mkdir(library)
      await writeFile(join(library, 'lib.txt'), 'library\n')
      const inLibrary = (...args: string[]) => execa('git', args, { cwd: library, env: { ...world.env, ...identity } })
      await inLibrary('init', '-q')
      await inLibrary('add', '-A')
      await inLibrary('commit', '-q', '-m', 'Library')
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
  {
    name: 'shallow-detached',
    arrange: async world => {
      await world.git('checkout', '-q', '--detach')
    },
    personsCure: async world => {
      await world.git('checkout', '-q', 'work').catch(() => undefined)
    },
  },
]

const identity = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@x' }

interface Content {
  readonly files: Readonly<Record<string, string>>
  readonly settings?: readonly (readonly [string, string])[]
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
