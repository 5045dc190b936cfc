import { afterAbort, nextAfterAbort } from '../../core/mission/after-abort.ts'
import { resume } from '../../core/next-command.ts'
import { OrchestratorError } from '../../errors.ts'
import { isAborting } from '../../state/abort-mark.ts'
import { storedRun } from './stored-run.ts'

/** Runs a command. If it fails and the saved run is aborted, the hint names the command that works after an abort. */
export async function withHintAfterAbort<T>(kittify: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof OrchestratorError) || !namesResume(error)) throw error
    const state = await storedRun(kittify).catch(() => null)
    if (state === null || (state.phase !== 'aborted' && !isAborting(kittify, state.runId))) throw error
    const { code, exitCode, message, hint, next } = error
    throw new OrchestratorError({
      ...{ code, exitCode, message },
      hint: afterAbort(hint, state.mission),
      next: nextAfterAbort(next, state.mission),
    })
  }
}

function namesResume({ hint, next }: OrchestratorError): boolean {
  return [hint, ...next.map(({ command }) => command)].some(text => text.includes(resume))
}
