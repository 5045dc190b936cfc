import { closeSync, constants, fstatSync, openSync, writeFileSync } from 'node:fs'
import { setAside } from './set-aside.ts'

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * A new file for the user alone. Agents can write wherever we do: what lies there, a link to a file of the user's say,
 * is kept as `<file>.before-<n>` and never followed.
 */
export function writeNew(path: string, content: string | Uint8Array): void {
  setAside(path)
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
}

/** Adds to a file for the user alone; throws as `openToAppend` does. */
export function appendPrivate(path: string, text: string): void {
  const descriptor = openToAppend(path)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}

/** A file for the user alone. Throws where it is a link, or a pipe, on which opening would wait for a reader. */
export function openToAppend(path: string): number {
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  if (fstatSync(descriptor).isFile()) return descriptor
  closeSync(descriptor)
  throw new Error(`${path} is not a regular file`)
}
