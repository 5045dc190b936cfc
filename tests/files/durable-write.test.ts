import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/errors.ts'
import { durableWrite, makeFolder } from '../../src/files/durable-write.ts'
import { useKittify } from '../state/sample-state.ts'

describe('durableWrite', () => {
  const kittify = useKittify()
  const target = () => join(kittify(), 'file.json')
  const outside = () => join(kittify(), '..', 'outside')
  const write = (path = target()) => durableWrite(path, 'new', kittify())
  const refused = { code: 'state-unwritable', exitCode: exitCodes.needsPerson }

  it('replaces the file, for the user alone, and leaves nothing beside it', async () => {
    writeFileSync(target(), 'old', { mode: 0o644 })
    await write()
    expect(readFileSync(target(), 'utf8')).toBe('new')
    expect(statSync(target()).mode & 0o777).toBe(0o600)
    expect(readdirSync(kittify())).toEqual(['file.json'])
  })

  it('is not kept from it by a temporary file of a killed run', async () => {
    writeFileSync(`${target()}.tmp`, 'half')
    await write()
    expect(readdirSync(kittify())).toEqual(['file.json'])
  })

  it.each(['writeFile', 'sync', 'close'] as const)('keeps the old file when the disk is full at %s', async step => {
    writeFileSync(target(), 'old')
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const openFull: typeof open = async (...args) => {
      const handle = await open(...args)
      return new Proxy(handle, {
        get: (of, name) => {
          if (name === step) {
            return async () => {
              // The system frees the descriptor even then.
              if (step === 'close') await handle.close()
              throw full
            }
          }
          const value = Reflect.get(of, name, of)
          return typeof value === 'function' ? value.bind(of) : value
        },
      })
    }
    await expect(durableWrite(target(), 'new', kittify(), openFull)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/file\.json.*ENOSPC/),
    })
    expect(readFileSync(target(), 'utf8')).toBe('old')
    expect(readdirSync(kittify())).toEqual(['file.json'])
  })

  it('tells when the folder is gone', async () => {
    await expect(durableWrite(join(kittify(), 'x', 'file'), 'new', kittify())).rejects.toMatchObject(refused)
  })

  // Injected, because root - who runs the tests in CI - may write anywhere.
  it('tells when the folder is read-only', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    await expect(durableWrite(target(), 'new', kittify(), () => Promise.reject(denied))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('EACCES'),
    })
  })

  it('does not follow a link out of .kittify: the file', async () => {
    writeFileSync(outside(), 'theirs')
    symlinkSync(outside(), target())
    await expect(write()).rejects.toMatchObject(refused)
    expect(readFileSync(outside(), 'utf8')).toBe('theirs')
  })

  it('does not follow a link out of .kittify: the temporary file', async () => {
    writeFileSync(outside(), 'theirs')
    symlinkSync(outside(), `${target()}.tmp`)
    await write()
    expect(readFileSync(outside(), 'utf8')).toBe('theirs')
    expect(readFileSync(target(), 'utf8')).toBe('new')
  })

  it('does not follow a link out of .kittify: the folder', async () => {
    mkdirSync(outside())
    symlinkSync(outside(), join(kittify(), 'logs'))
    await expect(write(join(kittify(), 'logs', 'file'))).rejects.toMatchObject(refused)
    expect(() => makeFolder(join(kittify(), 'logs', 'run', 'WP01'), kittify())).toThrow('outside')
    expect(readdirSync(outside())).toEqual([])
  })

  it('does not take another folder for .kittify, but a linked .kittify', async () => {
    mkdirSync(join(outside(), '.kittify'), { recursive: true })
    const linked = join(outside(), 'a', '.kittify')
    mkdirSync(join(outside(), 'a'))
    symlinkSync(outside(), linked)
    await expect(durableWrite(join(linked, 'file'), 'new', linked)).rejects.toMatchObject(refused)
    mkdirSync(join(outside(), 'b'))
    const shared = join(outside(), 'b', '.kittify')
    symlinkSync(join(outside(), '.kittify'), shared)
    await durableWrite(join(shared, 'file'), 'new', shared)
    expect(existsSync(join(outside(), '.kittify', 'file'))).toBe(true)
  })

  it('makes folders for the user alone', () => {
    const folder = join(kittify(), 'logs', 'run', 'WP01')
    makeFolder(folder, kittify())
    makeFolder(folder, kittify())
    expect(statSync(join(kittify(), 'logs')).mode & 0o777).toBe(0o700)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })
})
