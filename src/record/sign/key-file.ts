import { statSync } from 'node:fs'
import { readRegular } from '../../files/read-regular.ts'
import type { Refused } from './signer.ts'

type KeyFile = { readonly ok: true; readonly content: Buffer } | Refused

/** Reads a private key. A key that other users can read is refused, as ssh does. */
export function readKeyFile(path: string): KeyFile {
  try {
    const content = readRegular(path)
    const { mode } = statSync(path)
    if ((mode & 0o077) === 0) return { ok: true, content }
    return { ok: false, why: `other users can read the key ${path}: chmod 600 it` }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { ok: false, why: `there is no key ${path}` }
    }
    return { ok: false, why: `the key ${path} cannot be read: ${error instanceof Error ? error.message : error}` }
  }
}
