import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Reads a regular file. Never waits on a named pipe and never reads an endless device. */
export function readRegular(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${path} is not a regular file`)
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
