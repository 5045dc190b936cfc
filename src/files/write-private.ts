import { closeSync, constants, fstatSync, openSync, writeFileSync } from 'node:fs'
import { setAside } from './set-aside.ts'

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * Writes a new file that only the user can read. Agents can write to the same places: an existing file, which may be a
 * link to one of the user's files, is kept as `<file>.before-<n>` and never followed.
 */
export function writeNew(path: string, content: string | Uint8Array): void {
  setAside(path)
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
}

/** Appends to a file that only the user can read; throws as `openToAppend` does. */
export function appendPrivate(path: string, text: string): void {
  const descriptor = openToAppend(path)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}

/** Opens a file that only the user can read. Throws if it is a link, or a pipe, which would wait for a reader. */
export function openToAppend(path: string): number {
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  if (fstatSync(descriptor).isFile()) return descriptor
  closeSync(descriptor)
  throw new Error(`${path} is not a regular file`)
}
