import { readFile, stat } from 'node:fs/promises'

/** A configuration is one or two pages; anything larger is another file. */
const largestBytes = 1_000_000

type ConfigFile =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly reason: string }

export async function readConfigFile(path: string): Promise<ConfigFile> {
  try {
    // Checked before opening, which would wait for a writer if the path is a pipe.
    const facts = await stat(path)
    if (!facts.isFile()) return { kind: 'refused', reason: 'expected a file' }
    if (facts.size > largestBytes) return { kind: 'refused', reason: `larger than 1 MB (${facts.size} bytes)` }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
    return { kind: 'read', text }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return { kind: 'missing' }
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { kind: 'refused', reason: 'not valid UTF-8' }
    return { kind: 'refused', reason: `cannot be read (${typeof code === 'string' ? code : error.message})` }
  }
}
