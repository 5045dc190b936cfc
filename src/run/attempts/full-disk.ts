import { rules } from '../../core/agent/failure.ts'
import { quote } from '../../core/text.ts'
import type { AttemptResult } from '../../core/work-package/work-package.ts'
import { orNull } from '../git/git-outcome.ts'
import type { RunContext } from '../run-context.ts'

/** Adds a full file system to the reason of a failure, because an agent may not mention it. */
export async function withFullDisk(
  result: AttemptResult,
  worktree: string,
  { ports: { workspace } }: RunContext,
): Promise<AttemptResult> {
  if (result.kind !== 'failed' || rules[result.failure.class].consequence !== 'retry') return result
  // The agent may have broken the worktree; the next step in it reports that.
  const full = await orNull(workspace.whyNoRoom(worktree))
  if (full === null) return result
  return { kind: 'failed', failure: { ...result.failure, detail: quote(`${full}; ${result.failure.detail}`) } }
}
