import type { MissionState } from '../host/answers.ts'

/**
 * Why this mission-state cannot be trusted, or null. Without its record of the lanes the host succeeds, reports every WP
 * as planned, and a summary of zeros.
 */
export function checkSummary(state: MissionState): string | null {
  const counted = Object.values(state.summary).reduce((sum, count) => sum + count, 0)
  const listed = state.work_packages.length
  if (counted === listed) return null
  const why =
    counted === 0
      ? 'the host does not find its record of the lanes, so all of them read as planned'
      : 'the record of the lanes at the host does not have them all'
  return `mission-state lists ${listed} work packages, but its summary counts ${counted}: ${why}`
}
