import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { OrchestratorError } from '../../../src/errors.ts'
import { checkIdentity } from '../../../src/git/main/identity.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

interface World {
  /** `~/.gitconfig` */
  readonly config: string
  readonly env?: Readonly<Record<string, string>>
}

const whole = '[user]\n\tname = Ada\n\temail = ada@example.invalid\n'

const without: readonly (readonly [string, World])[] = [
  ['no identity, and none to be guessed', { config: '[user]\n\tuseConfigOnly = true\n' }],
  ['no name', { config: '[user]\n\temail = a@example.invalid\n\tname =\n' }],
  ['a name of a dot', { config: '[user]\n\temail = a@example.invalid\n\tname = .\n' }],
  ['an address alone', { config: '[user]\n\tuseConfigOnly = true\n\temail = a@example.invalid\n\tname =\n' }],
  ['a name alone', { config: '[user]\n\tuseConfigOnly = true\n\tname = Ada\n' }],
  ['an empty author name in the environment', { config: whole, env: { GIT_AUTHOR_NAME: '' } }],
  ['an empty committer name in the environment', { config: whole, env: { GIT_COMMITTER_NAME: ' ' } }],
  [
    'an empty name there and none in the settings',
    { config: '', env: { GIT_AUTHOR_NAME: '', GIT_COMMITTER_NAME: '' } },
  ],
  ['a date that is none', { config: whole, env: { GIT_AUTHOR_DATE: 'yesterday-ish' } }],
]

it.each(without)('%s is found out before the host commits, and the printed commands cure it', async (_, world) => {
  const made = scratchRepository()
  const env = environment(made, world)
  expect(commits(made.root, env)).toBe(false)

  const error = await checkIdentity(made.root, env).catch(reason => reason)
  if (!(error instanceof OrchestratorError)) throw new Error(`not refused: ${error}`)
  expect([error.code, error.exitCode]).toEqual(['no-git-identity', 2])

  // In one shell, as a person types it.
  const after = execFileSync('sh', ['-c', `${error.hint} && env -0`], { cwd: '/', env, encoding: 'utf8' })
  const cured = Object.fromEntries(after.split('\0').map(pair => [pair.split('=')[0], pair.replace(/^[^=]*=/, '')]))
  expect(await checkIdentity(made.root, cured)).toMatch(/^\S.* <.+>$/)
  expect(commits(made.root, cured)).toBe(true)
})

it.each<[string, World]>([
  ['in the settings', { config: whole }],
  ['whose address is in EMAIL', { config: '[user]\n\tname = Ada\n', env: { EMAIL: 'ada@example.invalid' } }],
  [
    'in the environment alone',
    {
      config: '[user]\n\tuseConfigOnly = true\n',
      env: {
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.invalid',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.invalid',
      },
    },
  ],
])('an identity %s is enough', async (_, world) => {
  const made = scratchRepository()
  const env = environment(made, world)
  expect(await checkIdentity(made.root, env)).toBe('Ada <ada@example.invalid>')
  expect(commits(made.root, env)).toBe(true)
})

function environment({ root }: ScratchRepository, { config, env = {} }: World): Record<string, string> {
  writeFileSync(join(dirname(root), '.gitconfig'), config)
  return { PATH: process.env.PATH ?? '', HOME: dirname(root), GIT_CONFIG_NOSYSTEM: '1', ...env }
}

function commits(root: string, env: Readonly<Record<string, string>>): boolean {
  try {
    execFileSync('git', ['commit', '--quiet', '--allow-empty', '--message', 'x'], { cwd: root, env, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
