import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { runMarker } from '../../local/agent-runner.ts'
import { carrying } from '../../process/table/process-table.ts'
import { ancestors } from '../../process/table/process-tree.ts'
import { confirm } from '../../run/finish/confirm.ts'
import { type DecideOptions, decide, withHint } from '../shared/decide.ts'
import { requireRun } from '../shared/stored-run.ts'

interface ConfirmOptions extends DecideOptions {
  readonly commit: string
}

/** Records that a person vouches for a WP at one commit. */
export async function confirmCommand(wp: string, options: ConfirmOptions): Promise<ExitCode> {
  await refuseAgents(options)
  return decide('confirm', wp, options, async at => {
    const { commit, reason = null } = options
    return withHint(await confirm(at.wp, { commit, reason }, at.desk), 'go on with: sko resume')
  })
}

/**
 * Whatever an agent of the run starts carries its marker, or has a process above it that does. It stops an agent that
 * follows the next command it reads, not one that means to deceive: that one can write the state file too.
 */
async function refuseAgents({ repoRoot }: ConfirmOptions): Promise<void> {
  const { runId } = await requireRun((await findRepository(repoRoot)).kittify)
  const marked = carrying([{ name: runMarker, value: runId }], [process.pid, ...ancestors(process.pid)])
  if (marked.size === 0) return
  throw new OrchestratorError({
    code: 'not-for-agents',
    exitCode: exitCodes.usage,
    message: `sko confirm is a person's word, and this was started by an agent of run ${runId}`,
    hint: 'leave it to the person: the end of the run names what has to be confirmed',
  })
}
