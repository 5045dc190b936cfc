import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { runMarker } from '../../local/agent-runner.ts'
import { pidsWithMarker } from '../../process/table/process-table.ts'
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
    return withHint(await confirm(at.wp, { commit, reason }, at.context), 'continue with: sko resume')
  })
}

/**
 * Processes that an agent starts carry the run's marker, or have an ancestor that does. This stops an agent that runs a
 * command it has read somewhere. It does not stop a malicious agent, which can write the state file too.
 */
async function refuseAgents({ repoRoot }: ConfirmOptions): Promise<void> {
  const { runId } = await requireRun((await findRepository(repoRoot)).kittify)
  const marked = pidsWithMarker([{ name: runMarker, value: runId }], [process.pid, ...ancestors(process.pid)])
  if (marked.size === 0) return
  throw new OrchestratorError({
    code: 'not-for-agents',
    exitCode: exitCodes.usage,
    message: `sko confirm is for people, and this one was started by an agent of run ${runId}`,
    hint: 'leave it to a person: the run lists at its end what has to be confirmed',
  })
}
