import type { TemplateInit } from './crash-mission.ts'

/**
 * WP02 and WP03 wait for WP01 and then go side by side. WP01 is committed by its agent, the others' work is left
 * uncommitted; WP03's agent takes a second, so that it is running in many of the crashes; WP02's first review asks for
 * changes.
 */
export const threeWps: TemplateInit = {
  shape: { WP01: [], WP02: ['WP01'], WP03: ['WP01'] },
  subtasks: { WP01: ['T001'] },
  rules: [
    { wp: 'WP01', role: 'implementation', do: 'commit', times: 0 },
    { wp: 'WP02', role: 'review', do: 'reject-once', times: 0 },
    { wp: 'WP03', role: 'implementation', do: 'change-and-pause', seconds: 1, times: 0 },
  ],
  config: ['checks: [test -f src/common.txt]', 'finish: { merge: merge }'],
}
