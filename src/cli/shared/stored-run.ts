import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { RunState } from '../../state/schema.ts'
import { loadRunState } from '../../state/state-file.ts'

/** The run on disk, whatever its phase; null when there is none. A file that cannot be read is shown and left alone. */
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
        hint: 'it was left as it is; move it away to begin anew, the lanes are kept by the host',
      })
  }
}

export async function requireRun(kittify: string): Promise<RunState> {
  const state = await storedRun(kittify)
  if (state) return state
  throw new OrchestratorError({
    code: 'no-run',
    exitCode: exitCodes.usage,
    message: 'there is no run on disk in this repository',
    hint: 'begin one with: sko orchestrate --mission <slug>',
  })
}
