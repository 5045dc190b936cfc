import { goOnAfterAbort } from '../../core/mission/after-abort.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { readRunLock } from '../../state/run-lock.ts'
import type { RunPhase } from '../../state/schema.ts'
import { askRun, showAnswer } from '../shared/ask-run.ts'
import { requireRun } from '../shared/stored-run.ts'

interface PauseOptions {
  readonly repoRoot?: string
}

/** The run finishes what is at work and begins nothing new, until `sko continue`. */
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
    message: 'no run is at work here',
    hint: whatElse(phase, mission),
  })
}

function whatElse(phase: RunPhase, mission: string): string {
  if (phase === 'running') return 'go on with the one on disk: sko resume'
  const goOn = `the last run was aborted; begin a new one: ${goOnAfterAbort(mission)}`
  return phase === 'aborted' ? goOn : 'sko status shows the last one'
}
