import { dirname, join } from 'node:path'
import type { NextCommand } from '../../core/next-command.ts'
import { shellName, shellWord } from '../../core/text.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { missionNames } from '../../git/repository.ts'
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
    ...howToStart(dirname(kittify)),
  })
}

const mostNamed = 5

/** With the missions there are: no host call is made for it. */
function howToStart(root: string): { readonly hint: string; readonly next: readonly NextCommand[] } {
  const names = missionNames({ root })
  const next = names.slice(0, mostNamed).map(name => ({
    command: `sko orchestrate --mission ${shellName(name)}`,
    why: 'starts a run of this mission',
  }))
  const left = names.length - next.length
  if (left > 0)
    return {
      hint: '',
      next: [...next, { command: `ls ${shellWord(join(root, 'kitty-specs'))}`, why: `names ${left} more` }],
    }
  return { hint: names.length === 0 ? 'there is no mission in kitty-specs yet: plan one with spec-kitty' : '', next }
}
