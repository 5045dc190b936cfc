import { commandAfterAbort } from '../../core/mission/after-abort.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { readRunLock } from '../../state/run-lock.ts'
import type { RunPhase } from '../../state/schema.ts'
import { askRun, showAnswer } from '../shared/ask-run.ts'
import { requireRun } from '../shared/stored-run.ts'

interface PauseOptions {
  readonly repoRoot?: string
}

/** Running attempts finish and no new ones start, until `sko continue`. */
export function pauseCommand(options: PauseOptions): Promise<ExitCode> {
  return ask('pause', options)
}

export function continueCommand(options: PauseOptions): Promise<ExitCode> {
  return ask('continue', options)
}

async function ask(kind: 'pause' | 'continue', { repoRoot }: PauseOptions): Promise<ExitCode> {
  const { kittify } = await findRepository(repoRoot)
  const { phase, mission } = await requireRun(kittify)
  const owner = readRunLock(kittify)
  const answer = owner && (await askRun(kittify, owner, { kind }))
  if (answer) return showAnswer(answer)
  throw new OrchestratorError({
    code: 'no-live-run',
    exitCode: exitCodes.usage,
    message: 'no run is active in this repository',
    hint: whatElse(phase, mission),
  })
}

function whatElse(phase: RunPhase, mission: string): string {
  if (phase === 'running') return 'resume the saved run: sko resume'
  const goOn = `the last run was aborted; start a new one: ${commandAfterAbort(mission)}`
  return phase === 'aborted' ? goOn : 'sko status shows the last one'
}
