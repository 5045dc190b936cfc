import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { heldBy } from '../../src/cli/shared/lock.ts'
import { hasLivenessReader } from '../../src/state/liveness-pipe.ts'
import { acquireRunLock, readRunLock } from '../../src/state/run-lock.ts'
import { thisProcess, useKittify } from './sample-state.ts'

describe('run lock of another pid namespace', () => {
  const kittify = useKittify()
  const lock = () => join(kittify(), 'orchestrator.lock.3')
  const foreign = {
    ...thisProcess(),
    runId: 'theirs',
    released: false,
    pidNamespace: 'pid:[1]',
    host: 'c0ffee\u001b[31m',
  }
  const put = (change: object = {}) => writeFileSync(lock(), JSON.stringify({ ...foreign, startTime: '1', ...change }))
  const acquire = () => acquireRunLock(kittify(), thisProcess(), { runId: 'mine' })
  const held = (isAlive: boolean) => ({
    kind: 'held',
    owner: { runId: 'theirs', elsewhere: { host: expect.stringMatching(/^c0ffee[ -~]*$/), lockFile: lock(), isAlive } },
  })

  it('is held while its owner keeps its sign of life open, though no such process is seen, and free thereafter', () => {
    put()
    execFileSync('mkfifo', [`${lock()}.alive`])
    const reader = openSync(`${lock()}.alive`, constants.O_RDONLY | constants.O_NONBLOCK)
    expect(acquire()).toMatchObject(held(true))
    expect(readRunLock(kittify())).toMatchObject(held(true).owner)
    closeSync(reader)
    expect(readRunLock(kittify())).toBeNull()
    expect(acquire().kind).toBe('acquired')
  })

  it('is held where it cannot be determined, until a person removes it', () => {
    put()
    expect(acquire()).toMatchObject(held(false))
    const owner = readRunLock(kittify())
    // There is a space in the path.
    expect(owner && heldBy(owner).hint).toContain(`rm '${lock()}'`)
    rmSync(lock())
    expect(acquire().kind).toBe('acquired')
  })

  it.each([
    ['it was released', { released: true }],
    ['the machine has booted since', { bootId: 'another' }],
    ['an earlier version wrote it, which stored neither', { pidNamespace: undefined, host: undefined }],
  ])('is free when %s', (_, change) => {
    put(change)
    expect(acquire().kind).toBe('acquired')
  })

  it('is shown by an owner of ours: others see its sign of life as long as it holds the lock', () => {
    const mine = acquire()
    expect(hasLivenessReader(join(kittify(), 'orchestrator.lock.1.alive'))).toBe(true)
    expect(JSON.parse(readFileSync(join(kittify(), 'orchestrator.lock.1'), 'utf8'))).toMatchObject({
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
      host: hostname(),
    })
    if (mine.kind === 'acquired') mine.release()
    expect(hasLivenessReader(join(kittify(), 'orchestrator.lock.1.alive'))).toBeNull()
  })
})
