import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './package-folder.ts'

/** Read without zod: `sko --help` and `sko --version` start in half the time without it. */
export function packageVersion(): string {
  const found: unknown = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'))
  if (typeof found === 'object' && found !== null && 'version' in found && typeof found.version === 'string') {
    return found.version
  }
  throw new Error('package.json has no version')
}
