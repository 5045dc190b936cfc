import { shellWord } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { git } from './git.ts'

/**
 * Ends the run in a shallow clone. Measured: the host merges the commit of the planning into each lane, and where that is
 * cut off says that the merge conflicts, at every claim. And what a review covers is told by history.
 */
export async function refuseShallow(root: string): Promise<void> {
  const answer = await git(root, ['rev-parse', '--is-shallow-repository'])
  if (answer.stdout.trim() !== 'true') return
  throw new OrchestratorError({
    code: 'shallow-clone',
    exitCode: exitCodes.usage,
    message: `${root} is a shallow clone: the host cannot merge the planning commit into the lanes`,
    hint: `git -C ${shellWord(root)} fetch --unshallow`,
  })
}
