import type { WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import type { RunContext } from '../run-context.ts'

/** The other WPs whose attempts may have left commits in this one's lane worktree. */
export function othersInLane({ wpId, worktree }: WorkPackage, run: RunContext): readonly WpRecord[] {
  return run.ports.store.records().filter(other => other.wpId !== wpId && other.laneBranch === worktree?.branch)
}
