import { describe, it } from 'vitest'
import { whole } from './whole.ts'

type Add = (name: string, body: () => void | Promise<void>) => void

const leaveOut: Add = () => undefined

/** The first rows of a table, with which every change is tested; `npm run test:full` takes them all. */
export function cover<const Row>(count: number, rows: readonly Row[]): readonly Row[] {
  return whole ? rows : rows.slice(0, count)
}

/** A test of `npm run test:full` alone. Elsewhere it is not registered: a skipped test counts as failed. */
export const itInFull: Add = whole ? it : leaveOut

export const describeInFull: Add = whole ? describe : leaveOut
