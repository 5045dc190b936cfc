import { execFileSync } from 'node:child_process'

/** Runs git without identity, hooks or settings of this machine. Returns its output. */
export function gitAtHome(home: string) {
  return (cwd: string, ...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.invalid', ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
}
