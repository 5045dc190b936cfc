import { type NextCommand, newRun, resume } from '../../core/next-command.ts'
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
    next: whatElse(phase, mission),
  })
}

function whatElse(phase: RunPhase, mission: string): readonly NextCommand[] {
  if (phase === 'running') return [{ command: resume, why: 'continues the saved run' }]
  return [phase === 'aborted' ? newRun(mission) : { command: 'sko status', why: 'shows the last run' }]
}
