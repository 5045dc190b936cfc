import { rules } from '../../core/agent/failure.ts'
import { quote } from '../../core/text.ts'
import type { AttemptResult } from '../../core/work-package/work-package.ts'
import type { RunContext } from '../run-context.ts'

/** Names a full file system as the reason of a failure: an agent says so in its own words, or not at all. */
export async function withFullDisk(
  result: AttemptResult,
  worktree: string,
  { ports: { workspace } }: RunContext,
): Promise<AttemptResult> {
  if (result.kind !== 'failed' || rules[result.failure.class].consequence !== 'retry') return result
  // The worktree may be what the agent has broken: that is named by the next step in it.
  const full = await workspace.whyNoRoom(worktree).catch(() => null)
  if (full === null) return result
  return { kind: 'failed', failure: { ...result.failure, detail: quote(`${full}; ${result.failure.detail}`) } }
}
