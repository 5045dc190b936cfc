import type { WpId } from '../../core/ids.ts'
import type { MergedLane } from '../../core/mission/finish-progress.ts'
import { startsFromMission } from '../../core/mission/topology.ts'
import type { LaneWorktree } from '../../core/work-package/work-package.ts'
import type { RunContext } from '../run-context.ts'
import { laneWorktree } from '../steps/claim.ts'
import { faultPausesMs, isFault } from '../steps/mutate.ts'
import type { WpResult } from './wp-result.ts'

/** The result of a WP with its lane worktree. The host is asked when this run did not meet it. */
export interface Located {
  readonly wpResult: WpResult
  readonly worktree: LaneWorktree | null
  /** Why it is not known whether it has one; null when the host has answered. */
  readonly silence: string | null
}

export async function locate(run: RunContext, wpResults: readonly WpResult[]): Promise<readonly Located[]> {
  return Promise.all(
    wpResults.map(async wpResult => {
      if (wpResult.worktree) return { wpResult, worktree: wpResult.worktree, silence: null }
      const answer = await askForWorktree(run, wpResult.node.wpId)
      if (answer.ok) return { wpResult, worktree: laneWorktree(answer.data), silence: null }
      return { wpResult, worktree: null, silence: isFault(answer.code) ? answer.message : null }
    }),
  )
}

async function askForWorktree(run: RunContext, wpId: WpId) {
  const ask = () => run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
  let answer = await ask()
  for (const pause of faultPausesMs) {
    if (answer.ok || !isFault(answer.code) || run.stopping.aborted) break
    await run.ports.clock.sleep(pause, run.stopping)
    answer = await ask()
  }
  return answer
}

/** In coord topology the lanes start from the mission's own branch, otherwise from the target branch. */
export function isCoord(located: readonly Located[]): boolean {
  return located.some(({ worktree }) => startsFromMission(worktree?.baseRef))
}

/** The lane branches with their heads, and the missing ones; at the same moment the commits of `others`. */
export async function lanesOf(run: RunContext, located: readonly Located[], others: readonly string[] = []) {
  const branches = [...new Set(located.flatMap(({ worktree }) => worktree?.branch ?? []))]
  const answer = await run.ports.commits.resolveAll([...branches.map(branch => `refs/heads/${branch}`), ...others])
  const heads = answer.ok ? answer.data : []
  const found = branches.map((branch, n) => {
    const users = located.filter(({ worktree }) => worktree?.branch === branch)
    return { branch, head: heads[n] ?? null, wpIds: users.map(({ wpResult }) => wpResult.node.wpId) }
  })
  return {
    lanes: found.flatMap(({ head, ...lane }): readonly MergedLane[] => (head === null ? [] : [{ ...lane, head }])),
    gone: found.filter(({ head }) => head === null),
    others: heads.slice(branches.length),
  }
}
