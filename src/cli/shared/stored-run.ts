import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { RunState } from '../../state/schema.ts'
import { loadRunState } from '../../state/state-file.ts'

/** The saved run in any phase; null when there is none. A file that cannot be read is reported and not changed. */
export async function storedRun(kittify: string): Promise<RunState | null> {
  const loaded = await loadRunState(kittify)
  switch (loaded.kind) {
    case 'none':
      return null
    case 'loaded':
      return loaded.state
    case 'unreadable':
      throw new OrchestratorError({
        code: 'state-unreadable',
        exitCode: exitCodes.usage,
        message: `the run state ${loaded.path} cannot be used: ${loaded.reason}`,
        hint: 'the file was not changed; move it away to start a new run (the host keeps the lanes)',
      })
  }
}

export async function requireRun(kittify: string): Promise<RunState> {
  const state = await storedRun(kittify)
  if (state) return state
  throw new OrchestratorError({
    code: 'no-run',
    exitCode: exitCodes.usage,
    message: 'there is no saved run in this repository',
    hint: 'start one with: sko orchestrate --mission <slug>',
  })
}
