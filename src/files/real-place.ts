import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The path without symlinks. The path itself need not exist; then its folder is resolved. */
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
