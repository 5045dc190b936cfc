import { shellWord } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { git } from './git.ts'

/**
 * Ends the run in a shallow clone. The host merges the planning commit into each lane. Where history is cut off before
 * it, every claim reports a merge conflict (measured). Reviews also rely on history to know what they cover.
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
