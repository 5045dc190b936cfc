import { execa } from 'execa'
import { oneLine, shellWord } from '../../core/text.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Ends the run if git would refuse the host's commits because no name or address is set. (Our commits have our own
 * identity; the host's need the user's.) Asks git itself, in the host's environment. Returns the committer as `Name
 * <address>`.
 */
export async function checkIdentity(root: string, env: Environment): Promise<string> {
  const found = await identity(root, env)
  if (found.ok) return found.name
  throw new OrchestratorError({
    code: 'no-git-identity',
    exitCode: exitCodes.usage,
    message: `the host cannot commit in ${root}, git refuses: ${found.cause}`,
    hint: await cure(root, env, found.cause),
  })
}

type Identity = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly cause: string }

async function identity(root: string, env: Environment): Promise<Identity> {
  const author = await ask(root, env, 'GIT_AUTHOR_IDENT')
  return author.ok ? ask(root, env, 'GIT_COMMITTER_IDENT') : author
}

async function ask(root: string, env: Environment, who: string): Promise<Identity> {
  const answer = await execa('git', ['var', who], {
    cwd: root,
    stdin: 'ignore',
    reject: false,
    extendEnv: false,
    env: { ...env, LC_ALL: 'C' },
  })
  if (!answer.failed) return { ok: true, name: oneLine(answer.stdout.replace(/ \d+ [-+]\d+$/, '')) }
  // Above this line git explains at length how to set an identity.
  const fatal = answer.stderr.split('\n').findLast(line => line.startsWith('fatal: '))
  return { ok: false, cause: oneLine(fatal?.slice('fatal: '.length) ?? answer.shortMessage ?? 'it could not be run') }
}

/** A variable that is set, even to an empty value, overrides every setting. */
const variables = ['NAME', 'EMAIL', 'DATE'].flatMap(what => [`GIT_AUTHOR_${what}`, `GIT_COMMITTER_${what}`])

async function cure(root: string, env: Environment, cause: string): Promise<string> {
  const isSuspect = (name: string) =>
    name.endsWith('DATE') ? cause.includes('date') : !/[\p{L}\p{N}]/u.test(env[name] ?? '')
  const suspects = variables.filter(name => env[name] !== undefined && isSuspect(name))
  const without = Object.fromEntries(Object.entries(env).filter(([name]) => !suspects.includes(name)))
  const unset = suspects.length > 0 ? [`unset ${suspects.join(' ')}`] : []
  const isCured = suspects.length > 0 && (await identity(root, without)).ok
  const config = `git -C ${shellWord(root)} config`
  const set = isCured ? [] : [`${config} user.name "Your Name"`, `${config} user.email you@example.com`]
  return [...unset, ...set].join(' && ')
}
