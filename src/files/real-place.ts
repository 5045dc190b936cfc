import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** One that is not there yet is named by the folder it will be in. */
export function realPlace(path: string): string {
  return realPathOf(path) ?? join(realPathOf(dirname(path)) ?? dirname(path), basename(path))
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
