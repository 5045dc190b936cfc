import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gitFolders } from '../git-folders.ts'

/** The file in which git logs the moves of a ref; null: in this repository git keeps its refs in tables. */
export function reflogOf(checkout: string, ref: string): string | null {
  const { own, common } = gitFolders(checkout)
  if (existsSync(join(common, 'reftable'))) return null
  return join(ref.startsWith('refs/') ? common : own, 'logs', ref)
}

/** False: git has logged no move of the ref since then. */
export function mayHaveMoved(checkout: string, ref: string, sinceMs: number): boolean {
  const log = reflogOf(checkout, ref)
  if (log === null) return true
  const stats = statSync(log, { throwIfNoEntry: false })
  if (stats === undefined) return false
  // Times are stored in steps: of a clock tick or, on some file systems, of up to two seconds.
  const stepMs = stats.mtimeMs % 1000 === 0 ? 2000 : 20
  return stats.mtimeMs >= sinceMs - stepMs
}
