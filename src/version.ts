import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** From the package's own package.json, one folder above src/ and dist/ alike. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
