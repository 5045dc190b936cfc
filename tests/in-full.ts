import { it } from 'vitest'
import { whole } from './whole.ts'

/** The first rows of a table, with which every change is tested; `npm run test:full` takes them all. */
export function cover<const Row>(count: number, rows: readonly Row[]): readonly Row[] {
  return whole ? rows : rows.slice(0, count)
}

/** A test of `npm run test:full` alone. Elsewhere it is not registered: a skipped test counts as failed. */
export const itInFull: (name: string, test: () => void | Promise<void>) => void = whole ? it : () => undefined
