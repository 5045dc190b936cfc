import { existsSync } from 'node:fs'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { git } from './git.ts'
import { currentFolder } from './repository.ts'
import { refusal } from './root.ts'
import { gitVersion } from './version.ts'

/** A folder in which git works: a checkout, a linked worktree, or a bare repository. It needs no project. */
export async function anyRepository(wanted: string | undefined): Promise<string> {
  const folder = wanted ?? currentFolder()
  if (!existsSync(folder)) {
    const message = `there is no folder ${folder}`
    throw new OrchestratorError({
      code: 'no-such-folder',
      exitCode: exitCodes.usage,
      message,
      hint: 'check --repo-root',
    })
  }
  await gitVersion()
  const answer = await git(folder, ['rev-parse', '--git-dir'])
  if (!answer.ok) throw await refusal(folder, answer.stderr)
  return folder
}

/** Whether older commits were left out of this clone. */
export async function isShallow(folder: string): Promise<boolean> {
  return (await git(folder, ['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
}
