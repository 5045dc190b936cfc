import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { acquireRunLock, readRunLock } from '../../src/state/run-lock.ts'
import { thisProcess, useKittify } from './sample-state.ts'

describe('run lock', () => {
  const kittify = useKittify()
  const files = () => readdirSync(kittify()).sort()
  const whileHeld = (n: number) => [`orchestrator.lock.${n}`, `orchestrator.lock.${n}.alive`]
  const put = (name: string, content: object | string) =>
    writeFileSync(join(kittify(), name), typeof content === 'string' ? content : JSON.stringify(content))
  const record = (change: object = {}) => ({ ...thisProcess(), runId: 'theirs', released: false, ...change })
  const acquire = (identity = thisProcess(), runId = 'mine') => acquireRunLock(kittify(), identity, { runId })

  it('is held until it is released', () => {
    const first = acquire()
    expect(acquire(thisProcess(), 'other')).toEqual({
      kind: 'held',
      owner: { identity: thisProcess(), runId: 'mine', elsewhere: null },
    })
    expect(readRunLock(kittify())).toEqual({ identity: thisProcess(), runId: 'mine', elsewhere: null })
    if (first.kind === 'acquired') first.release()
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire(thisProcess(), 'other').kind).toBe('acquired')
    expect(readRunLock(kittify())?.runId).toBe('other')
  })

  it('keeps exactly one file, whose number only grows', () => {
    for (let n = 1; n <= 12; n++) {
      const lock = acquire()
      expect(files()).toEqual(whileHeld(n))
      if (lock.kind === 'acquired') lock.release()
      expect(files()).toEqual([`orchestrator.lock.${n}`])
    }
  })

  it.each([
    ['its process has ended', { pid: 2 ** 22 + 1 }],
    ['its pid belongs to another process today', { startTime: '1' }],
    ['it is from before the last boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ])('of an owner is free when %s', (_, change) => {
    put('orchestrator.lock.1', record(change))
    put('orchestrator.lock.1.alive', '')
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual(whileHeld(2))
  })

  it.each(['', '{', '{"pid": 1}', 'null'])('tells nothing when it holds %j, and is free', text => {
    put('orchestrator.lock.7', text)
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual(whileHeld(8))
  })

  it('refuses a number after which there is none, and names the file', () => {
    const name = 'orchestrator.lock.9007199254740991'
    writeFileSync(join(kittify(), name), '')
    expect(() => acquire()).toThrow(join(kittify(), name))
    expect(files()).toEqual([name])
  })

  it('is no file whose number we would write otherwise', () => {
    writeFileSync(join(kittify(), 'orchestrator.lock.007'), '')
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual(['orchestrator.lock.007', ...whileHeld(1)])
  })

  it('clears away what killed processes left, and nothing of the living', () => {
    const temporary = (n: number) => `orchestrator.lock-00000000-0000-4000-8000-00000000000${n}`
    put('orchestrator.lock.3', '')
    put('orchestrator.lock.2.released', '')
    put('orchestrator.lock.2.alive', '')
    put(temporary(1), record({ startTime: '1' }))
    put(temporary(2), record())
    // However long it was stopped, or the clock says so.
    utimesSync(join(kittify(), temporary(2)), 0, 0)
    put(temporary(3), '')
    put(temporary(4), '')
    utimesSync(join(kittify(), temporary(4)), 0, 0)
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual([temporary(2), temporary(3), ...whileHeld(4)])
  })

  it.each([
    ['a folder', () => mkdirSync(join(kittify(), 'orchestrator.lock.5'))],
    ['a named pipe', () => execFileSync('mkfifo', [join(kittify(), 'orchestrator.lock.5')])],
    ['a link to nowhere', () => symlinkSync('nowhere', join(kittify(), 'orchestrator.lock.5'))],
  ])('that is %s cannot be taken, is named, and does not block', (_, make) => {
    make()
    const named = { code: 'lock-unusable', message: expect.stringContaining(join(kittify(), 'orchestrator.lock.5')) }
    expect(() => acquire()).toThrow(expect.objectContaining(named))
    expect(() => readRunLock(kittify())).toThrow(expect.objectContaining(named))
    expect(files()).toEqual(['orchestrator.lock.5'])
  })

  it('is not written outside, through a link in the place of .kittify', () => {
    const outside = join(kittify(), '..', 'outside')
    mkdirSync(outside)
    rmSync(kittify(), { recursive: true })
    symlinkSync(outside, kittify())
    expect(() => acquire()).toThrow(/Cannot write .*orchestrator\.lock.*is a link to/)
    expect(readdirSync(outside)).toEqual([])
  })

  it('that is another`s, in a folder that was removed and made again, is not released', () => {
    const mine = acquire()
    rmSync(kittify(), { recursive: true })
    mkdirSync(kittify())
    expect(acquire(thisProcess(), 'other').kind).toBe('acquired')
    if (mine.kind === 'acquired') mine.release()
    expect(readRunLock(kittify())?.runId).toBe('other')
    expect(files()).toEqual(whileHeld(1))
  })

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('needs hard links and says so: %s', code => {
    const link = () => {
      throw Object.assign(new Error(`${code}: link`), { code })
    }
    expect(() => acquireRunLock(kittify(), thisProcess(), { runId: 'mine' }, link)).toThrow(
      expect.objectContaining({ code: 'no-hard-links', message: expect.stringContaining(kittify()) }),
    )
    expect(files()).toEqual([])
  })

  it('does not look at the clock', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    acquire()
    for (const jump of [3_600_000, -3_600_000, -86_400_000, 365 * 86_400_000]) {
      vi.setSystemTime(Date.now() + jump)
      expect(acquire(thisProcess(), 'other').kind).toBe('held')
    }
    expect(files()).toEqual(whileHeld(1))
  })

  it('has no owner where there is no .kittify, and cannot be taken there', () => {
    rmSync(kittify(), { recursive: true })
    expect(readRunLock(kittify())).toBeNull()
    expect(() => acquire()).toThrow('Cannot write')
  })
})
