import { type ChildProcess, fork } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ProcessIdentity } from '../../src/core/work-package.ts'
import { identify } from '../../src/process/identity.ts'
import { acquireRunLock, readRunLock } from '../../src/state/run-lock.ts'
import { useCompiled } from '../process/compiled.ts'
import { useKittify } from './sample-state.ts'

function self(): ProcessIdentity {
  const identity = identify(process.pid)
  if (identity === null) throw new Error('no identity')
  return identity
}

describe('run lock', () => {
  const kittify = useKittify()
  const files = () => readdirSync(kittify()).sort()
  const acquire = (identity = self(), runId = 'mine') => acquireRunLock(kittify(), identity, { runId })

  it('is held until it is released', () => {
    const first = acquire()
    expect(acquire(self(), 'other')).toEqual({ kind: 'held', owner: { identity: self(), runId: 'mine' } })
    expect(readRunLock(kittify())).toEqual({ identity: self(), runId: 'mine' })
    if (first.kind === 'acquired') first.release()
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire(self(), 'other').kind).toBe('acquired')
    expect(readRunLock(kittify())?.runId).toBe('other')
  })

  it('keeps exactly one file, whose number only grows', () => {
    for (let n = 1; n <= 12; n++) {
      const lock = acquire()
      if (lock.kind === 'acquired') lock.release()
      expect(files()).toEqual([`orchestrator.lock.${n}`])
    }
  })

  it.each([
    ['its process has ended', { pid: 2 ** 22 + 1 }],
    ['its pid belongs to another process today', { startTime: '1' }],
    ['it is from before the last boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ])('of an owner is free when %s', (_, change) => {
    expect(acquire({ ...self(), ...change }).kind).toBe('acquired')
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual(['orchestrator.lock.2'])
  })

  it.each(['', '{', '{"pid": 1}', 'null'])('tells nothing when it holds %j, and is free', text => {
    writeFileSync(join(kittify(), 'orchestrator.lock.7'), text)
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual(['orchestrator.lock.8'])
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
    expect(files()).toEqual(['orchestrator.lock.007', 'orchestrator.lock.1'])
  })

  it('clears away what killed processes left, and nothing of the living', () => {
    const temporary = (n: number) => `orchestrator.lock-00000000-0000-4000-8000-00000000000${n}`
    const put = (name: string, content: object | string) =>
      writeFileSync(join(kittify(), name), typeof content === 'string' ? content : JSON.stringify(content))
    const owner = { ...self(), runId: 'x', released: false }
    put('orchestrator.lock.3', '')
    put('orchestrator.lock.2.released', '')
    put(temporary(1), { ...owner, startTime: '1' })
    put(temporary(2), owner)
    put(temporary(3), '')
    put(temporary(4), '')
    utimesSync(join(kittify(), temporary(4)), 0, 0)
    expect(acquire().kind).toBe('acquired')
    expect(files()).toEqual([temporary(2), temporary(3), 'orchestrator.lock.4'])
  })

  it('is nobody`s where there is no .kittify, and cannot be taken there', () => {
    rmSync(kittify(), { recursive: true })
    expect(readRunLock(kittify())).toBeNull()
    expect(() => acquire()).toThrow('Cannot write')
  })
})

describe('run lock between processes', () => {
  const kittify = useKittify()
  const compiled = useCompiled(['.', 'core', 'process', 'state'])
  const contenders: ChildProcess[] = []
  afterEach(() => {
    for (const contender of contenders.splice(0)) contender.kill('SIGKILL')
  })

  const message = (child: ChildProcess) => new Promise<{ kind: string }>(got => child.once('message', got))

  async function start(count: number): Promise<void> {
    for (let i = 0; i < count; i++) contenders.push(fork(resolve('tests/state/lock-contender.mjs'), [compiled()]))
    await Promise.all(contenders.map(message))
  }

  async function ownersOfOneRace(): Promise<number> {
    const answers = Promise.all(contenders.map(message))
    const at = Date.now() + 5
    for (const contender of contenders) contender.send({ folder: kittify(), at })
    return (await answers).filter(answer => answer.kind === 'acquired').length
  }

  it('goes to one of eight that start together', async () => {
    await start(8)
    expect(await ownersOfOneRace()).toBe(1)
    expect(readRunLock(kittify())).not.toBeNull()
    expect(await ownersOfOneRace()).toBe(0)
  }, 60_000)

  it('of a dead owner is taken over by one of four, 50 times', async () => {
    await start(4)
    const owners: number[] = []
    for (let round = 1; round <= 50; round++) {
      owners.push(await ownersOfOneRace())
      // The owner dies: the same lock, but of a process that started at another time.
      const [name = ''] = readdirSync(kittify()).filter(file => /^orchestrator\.lock\.\d+$/.test(file))
      const path = join(kittify(), name)
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), startTime: '1' }))
    }
    expect(owners).toEqual(Array(50).fill(1))
  }, 60_000)
})
