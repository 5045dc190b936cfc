import { setTimeout as sleep } from 'node:timers/promises'
import { parseStoredConfig } from '../../config/load.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { look, type Mission } from '../../run/mission/look.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { withHintAfterAbort } from '../shared/hint-after-abort.ts'
import { openHost } from '../shared/open-project.ts'
import { statusOf } from '../shared/run-status.ts'
import { requireRun } from '../shared/stored-run.ts'
import { paint, terminalSize, writeOut } from '../terminal/output.ts'
import { statusText } from '../terminal/status-text.ts'

interface StatusOptions {
  readonly repoRoot?: string
  readonly json?: boolean
  readonly watch?: boolean
}

const watchMs = 2_000
/** Each look at the host takes almost two seconds of processor time. */
const lookMs = 10_000

/** Reads only: the saved run, and the lanes from the host. */
export async function statusCommand({ repoRoot, json = false, watch = false }: StatusOptions): Promise<ExitCode> {
  const repository = await findRepository(repoRoot)
  let mission: Mission | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  for (;;) {
    const state = await requireRun(repository.kittify)
    const config = parseStoredConfig(state.config)
    if (mission === null || performance.now() - lookedAt >= lookMs) {
      lookedAt = performance.now()
      mission = await withHintAfterAbort(repository.kittify, () => look(openHost(repository, config), state.mission))
    }
    const status = statusOf(repository.kittify, state, config, readRunLock(repository.kittify), mission)
    const shown = json ? JSON.stringify(status) : statusText(status, terminalSize())
    if (watch && !json && terminalSize() !== null) paint(clearScreen)
    writeOut(`${shown}\n`)
    if (!watch) return exitCodes.ok
    await sleep(watchMs)
  }
}

const clearScreen = '\u001b[H\u001b[2J'
