import type { Level } from '../level.ts'

export const topology: readonly Level[] = [
  { name: 'lanes', topology: 'lanes', quick: true },
  { name: 'coord', topology: 'coord', quick: true },
  { name: 'legacy', topology: 'legacy', quick: true },
  // As older hosts have planned it.
  { name: 'legacy-incomplete', topology: 'legacy', without: ['slug', 'friendly_name', 'created_at'] },
]
