import type { MissionState } from './commands.ts'

/**
 * Why this mission-state cannot be believed, or null. With the coordination worktree deleted the host succeeds, reports
 * every WP as planned and a summary of zeros; the next mutation restores the directory and the truth.
 */
export function checkSummary(state: MissionState): string | null {
  const counted = Object.values(state.summary).reduce((sum, count) => sum + count, 0)
  const listed = state.work_packages.length
  if (counted === listed) return null
  return (
    `mission-state lists ${listed} work packages, but its summary counts ${counted}. ` +
    'A lost coordination worktree (.worktrees/<mission>-coord) shows like this: all lanes read as planned'
  )
}
