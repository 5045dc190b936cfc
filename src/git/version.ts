import { exitCodes, OrchestratorError } from '../errors.ts'
import { git } from './git.ts'

/** From this version on, git reads settings from GIT_CONFIG_COUNT and prints absolute paths of its folders. */
export const oldestGit = '2.31'

/** Ends the run if git is missing or too old. Returns the output of `git --version`. */
export async function gitVersion(): Promise<string> {
  const answer = await git('/', ['--version'])
  if (!answer.ok) throw unusable('git-missing', 'git is not installed, or not on PATH')
  const version = answer.stdout.trim()
  if (isTooOld(version)) throw gitTooOld(version)
  return version
}

/** False for a version that cannot be read, which is then tried. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /\b(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  const [oldestMajor = 0, oldestMinor = 0] = oldestGit.split('.').map(Number)
  if (major === undefined || minor === undefined) return false
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

export function gitTooOld(version: string): OrchestratorError {
  return unusable('git-too-old', `${version} is too old`)
}

function unusable(code: string, message: string): OrchestratorError {
  return new OrchestratorError({ code, exitCode: exitCodes.usage, message, hint: `install git ${oldestGit} or newer` })
}
