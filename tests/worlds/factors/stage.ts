import type { Level } from '../level.ts'

/** When the person acts. */
export const stage: readonly Level[] = [
  { name: 'rework', stage: 'implementation-WP01-2', quick: true },
  { name: 'implementation', stage: 'implementation-WP01-1' },
  { name: 'between', stage: 'start-review' },
  { name: 'review', stage: 'review-WP01-1', quick: true },
  { name: 'last-review', stage: 'review-WP01-2' },
  { name: 'merge', stage: 'merge-mission', quick: true },
]
