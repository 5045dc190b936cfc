import type { Level } from '../level.ts'

export const topology: readonly Level[] = [
  { name: 'lanes', topology: 'lanes', quick: true },
  { name: 'coord', topology: 'coord', quick: true },
  { name: 'legacy', topology: 'legacy', quick: true },
]
