import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { OrchestratorError } from '../../src/errors.ts'
import { findRepository } from '../../src/git/repository.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

afterEach(vi.unstubAllEnvs)

interface Trouble {
  readonly make: (made: ScratchRepository) => void
  readonly says: RegExp
  readonly cure: RegExp
}

const troubles: readonly (readonly [string, Trouble])[] = [
  [
    'a bad line in its configuration',
    {
      make: ({ root }) => append(join(root, '.git', 'config'), 'no such thing\n'),
      says: /bad config line \d+ in file .*\.git\/config/,
      cure: /^correct line \d+ of .*config, or remove the line$/,
    },
  ],
  [
    'a bad value',
    {
      make: ({ root, git }) => git(root, 'config', 'core.bare', 'perhaps'),
      says: /bad boolean config value 'perhaps' for 'core.bare'/,
      cure: /git config --show-origin --get-all 'core.bare'/,
    },
  ],
  [
    "a bad line in the user's own configuration",
    {
      make: made => append(join(home(made), '.gitconfig'), '[user\n'),
      says: /bad config line 1 in file .*\.gitconfig/,
      cure: /^correct line 1 of/,
    },
  ],
  [
    'a configuration that is a folder',
    {
      make: made => mkdirSync(join(home(made), '.gitconfig')),
      says: /unable to access '.*\.gitconfig': Is a directory/,
      cure: /set HOME to another folder/,
    },
  ],
  [
    'a configuration that is a link to itself',
    {
      make: made => symlinkSync('.gitconfig', join(home(made), '.gitconfig')),
      says: /unable to access '.*\.gitconfig': Too many levels/,
      cure: /set HOME to another folder/,
    },
  ],
  [
    'an extension that this git does not know',
    {
      make: ({ root, git }) => {
        git(root, 'config', 'core.repositoryformatversion', '1')
        git(root, 'config', 'extensions.foo', 'bar')
      },
      says: /unknown repository extension found: foo/,
      cure: /a git that knows the extension foo/,
    },
  ],
  [
    'a newer version',
    {
      make: ({ root, git }) => git(root, 'config', 'core.repositoryformatversion', '99'),
      says: /xpected git repo version <= 1, found 99/,
      cure: /a newer one/,
    },
  ],
]

it.each(troubles)('a repository with %s is refused in the words of git, with a cure', async (_, trouble) => {
  const made = scratchRepository()
  mkdirSync(join(made.root, '.kittify'))
  vi.stubEnv('HOME', home(made))
  vi.stubEnv('XDG_CONFIG_HOME', '')
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1')
  trouble.make(made)

  const error = await refusal(findRepository(made.root))
  expect([error.code, error.exitCode]).toEqual(['git-refuses', 2])
  expect(error.message).toMatch(trouble.says)
  expect(error.hint).toMatch(trouble.cure)
})

it.each([
  ['core.bare', (made: ScratchRepository) => made.git(made.root, 'config', 'core.bare', 'true')],
  [
    'core.bare that git has moved to the settings of the main checkout',
    ({ root, git }: ScratchRepository) => {
      git(root, 'config', 'extensions.worktreeConfig', 'true')
      git(root, 'config', '--worktree', 'core.bare', 'true')
    },
  ],
])('a checkout in which a tool has set %s is refused, and the printed command cures it', async (_, set) => {
  const made = scratchRepository()
  mkdirSync(join(made.root, '.kittify'))
  set(made)
  const error = await refusal(findRepository(made.root))
  expect([error.code, error.exitCode]).toEqual(['core-bare', 2])
  execFileSync('sh', ['-c', error.hint], { cwd: '/' })
  expect(await findRepository(made.root)).toMatchObject({ root: made.root })
})

it('names the owner as the trouble, and the printed command cures it', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root can give a folder away')
  const made = scratchRepository()
  mkdirSync(join(made.root, '.kittify'))
  vi.stubEnv('HOME', home(made))
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1')
  for (const path of [made.root, join(made.root, '.git')]) chownSync(path, 4242, 4242)

  const error = await refusal(findRepository(made.root))
  expect(error.message).toContain(`detected dubious ownership in repository at '${made.root}'`)
  const [, args = ''] = /^if you trust it: git (config --global --add safe\.directory .*)$/.exec(error.hint) ?? []
  made.git(home(made), ...args.replaceAll("'", '').split(' '))
  expect(await findRepository(made.root)).toMatchObject({ root: made.root })
})

it('says of a lane worktree what git has against the repository, with the cure', async () => {
  const made = scratchRepository()
  made.git(made.root, 'config', 'core.repositoryformatversion', '1')
  made.git(made.root, 'config', 'extensions.foo', 'bar')
  const { inspect, log } = createWorkspace(made.root)
  const said = /unknown repository extension found: foo; use a git that knows the extension foo/
  await expect(inspect(made.lane)).rejects.toThrow(said)
  await expect(log(made.lane, 'a', 'b')).rejects.toThrow(said)
})

it.each([
  ['gitdir: /nowhere/x\n', /not a git repository: \/nowhere\/x/, /is gone/],
  ['junk', /invalid gitfile format/, /a \.git file holds one line/],
])('a .git file %j is no missing repository', async (text, says, cure) => {
  const made = scratchRepository()
  const folder = join(dirname(made.root), 'broken')
  mkdirSync(folder)
  writeFileSync(join(folder, '.git'), text)
  const error = await refusal(findRepository(folder))
  expect(error.message).toMatch(says)
  expect(error.hint).toMatch(cure)
})

it('still says of a folder outside any repository that it is in none', async () => {
  const made = scratchRepository()
  rmSync(made.root, { recursive: true })
  expect(await refusal(findRepository(dirname(made.root)))).toMatchObject({ code: 'not-a-repository' })
})

async function refusal(promise: Promise<unknown>): Promise<OrchestratorError> {
  const error = await promise.then(
    () => null,
    reason => reason,
  )
  if (!(error instanceof OrchestratorError)) throw new Error(`not refused: ${error}`)
  return error
}

function home({ root }: ScratchRepository): string {
  return dirname(root)
}

function append(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'a' })
  expect(readFileSync(file, 'utf8')).toContain(text)
}
