import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this package's package.json, found from any module: in src/ or bundled in dist/chunks/. */
export function packageFolder(): string {
  const above = (folder: string): string => (existsSync(join(folder, 'package.json')) ? folder : above(dirname(folder)))
  return above(dirname(fileURLToPath(import.meta.url)))
}
