import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Never waits, as opening a named pipe would, and never reads a device that has no end. */
export function readRegular(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${path} is not a regular file`)
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
