import { execa } from 'execa'
import { withoutGit } from './environment.ts'

/** Fixed, so that commits made here have the same name each time. */
const fixed = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.invalid',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.invalid',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
}

/** Runs git with no settings except the repository's; throws if it fails. Returns its output. */
export type PlainGit = (cwd: string, args: readonly string[], input?: string) => Promise<string>

/**
 * Acts as agents and the host in the scratch repository, and inspects the result. It is independent of the settings
 * under test.
 */
export function plainGit(home: string, env: Readonly<NodeJS.ProcessEnv>): PlainGit {
  const inherited = withoutGit(env)
  return async (cwd, args, input) => {
    const { stdout } = await execa('git', [...args], {
      cwd,
      extendEnv: false,
      env: { ...inherited, ...fixed, HOME: home, XDG_CONFIG_HOME: home },
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      stripFinalNewline: false,
    })
    return stdout
  }
}
