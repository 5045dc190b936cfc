import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

type Promises = typeof promises

/** The calls of `node:fs/promises` that change something: a test watches them, and lets them fail. */
export interface WatchedDisk {
  /** Called before each. `data` is what it adds to the end of the file of this name. */
  before: (call: string, name: string, data: Buffer) => void
  /** Written so far. */
  bytes: number
  /** The nth call from now on fails, or all from then on. `cut` is the part of its data that a write has written. */
  fault: Fault | null
}

export interface Fault {
  readonly n: number
  readonly cut: number
  readonly stays: boolean
}

/** While the tests of a file run. A sync counts as a call and does nothing, because only processes end here. */
export function useWatchedDisk(): WatchedDisk {
  const disk: WatchedDisk = { before: () => undefined, bytes: 0, fault: null }
  const real = { ...promises }
  const put = (functions: Partial<Promises>) => {
    Object.assign(promises, functions)
    syncBuiltinESMExports()
  }
  beforeAll(() => put(watched(disk, real)))
  afterAll(() => put(real))
  return disk
}

const none = Buffer.alloc(0)

function watched(disk: WatchedDisk, real: Promises): Partial<Promises> {
  const step = async <T>(call: string, path: unknown, write: (part: Buffer) => Promise<T>, data = none): Promise<T> => {
    const name = basename(String(path))
    disk.before(call, name, data)
    const { fault } = disk
    if (fault) disk.fault = { ...fault, n: fault.n - 1 }
    const fails = fault !== null && (fault.stays ? fault.n <= 1 : fault.n === 1)
    const part = fails ? data.subarray(0, Math.floor(fault.cut * data.length)) : data
    disk.bytes += part.length
    if (!fails || part.length > 0) {
      const result = await write(part)
      if (!fails) return result
    }
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${call} '${name}'`), { code: 'ENOSPC' })
  }
  const open: Promises['open'] = async (path, flags, mode) => {
    const file = await (flags === 'r' ? real.open(path, flags) : step('open', path, () => real.open(path, flags, mode)))
    const own = { writeFile: file.appendFile, truncate: file.truncate }
    file.writeFile = text => step('write', path, part => own.writeFile.call(file, part), Buffer.from(String(text)))
    file.sync = () => step('sync', path, async () => undefined)
    file.datasync = () => step('datasync', path, async () => undefined)
    file.truncate = size => step('truncate', path, () => own.truncate.call(file, size))
    return file
  }
  return {
    open,
    rm: (path, options) => step('rm', path, () => real.rm(path, options)),
    rename: (from, to) => step('rename', to, () => real.rename(from, to)),
    link: (from, to) => step('link', to, () => real.link(from, to)),
    copyFile: (from, to) => step('copyFile', to, () => real.copyFile(from, to)),
  }
}
