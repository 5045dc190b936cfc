import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ProcessIdentity } from '../../../src/core/work-package/work-package.ts'
import { type AdoptionSpec, adoptProcess } from '../../../src/process/supervision/adopt-process.ts'
import { identify, isAlive } from '../../../src/process/table/identity.ts'
import { useParents } from '../dying-parent.ts'
import { eventually, processesWith } from '../leaks.ts'
import { useRig } from '../run-fixture.ts'

const rig = useRig()
const startParent = useParents(rig)

const file = (name: string) => join(rig().folder, name)

function adopt(leader: ProcessIdentity | null, changes: Partial<AdoptionSpec> = {}) {
  const statusFile = file('a.status')
  const spec = { ...rig().spec('/bin/true', []), statusFile, leader, startedAtMs: Date.now() }
  return adoptProcess(
    { ...spec, ...changes },
    {
      signal: rig().stop.signal,
      onSpawn: async identity => void rig().spawned.push(identity),
      onQuiet: seconds => rig().quiet.push(seconds),
    },
  )
}

/** Prints a line, waits for `gate`, prints another, and exits with the code. */
const gated = (code: number, more = '') =>
  `mkfifo gate; ${more} echo ready; read -r word < gate; echo "got $word"; exit ${code} # ${rig().token}`

/** An agent whose parent was killed while it waits at the gate. */
async function orphaned(script: string): Promise<ProcessIdentity> {
  const parent = startParent({}, '/bin/sh', '-c', script)
  const leader = await parent.started()
  await rig().ready()
  await parent.kill()
  return leader
}

const openGate = () => writeFileSync(file('gate'), 'go\n')
const gone = (leader: ProcessIdentity) => eventually(() => !isAlive(leader), 'it has ended')

describe('an agent whose parent was killed', () => {
  it.each([
    ['exit 0', 0, { kind: 'exited', code: 0 }],
    ['exit 3', 3, { kind: 'exited', code: 3 }],
    ['a status like that of a signal', 139, { kind: 'signaled', signal: 'SIGSEGV' }],
  ])('continues, and its end is seen: %s', async (_, code, end) => {
    const leader = await orphaned(gated(code))
    const adopted = adopt(leader)
    expect(adopted?.running).toBe(true)
    openGate()
    expect((await adopted?.ended)?.end).toEqual(end)
    expect(rig().stdout()).toBe('ready\ngot go\n')
    expect(readFileSync(file('a.err.log'), 'utf8')).toBe('')
    expect(rig().spawned).toEqual([])
  })

  it.each([
    ['exit 0', 'exit 0', { kind: 'exited', code: 0 }],
    ['exit 3, with a server left behind', 'setsid sleep $token & exit 3', { kind: 'exited', code: 3 }],
    ['by a bug of its own', 'kill -SEGV $$', { kind: 'signaled', signal: 'SIGSEGV' }],
    ['by KILL, as when the memory is full', 'kill -KILL $$', { kind: 'signaled', signal: 'SIGKILL' }],
    ['by the shutdown of the machine', 'kill -TERM 0; sleep $token', { kind: 'aborted' }],
  ])('ended while sko was not running: %s', async (_, last, end) => {
    const leader = await orphaned(`token=${rig().token}; mkfifo gate; echo ready; read -r _ < gate; ${last}`)
    openGate()
    await gone(leader)
    const endedAt = new Date('2026-01-01T00:01:00Z')
    utimesSync(file('a.status'), endedAt, endedAt)
    const startedAtMs = endedAt.getTime() - 60_000
    const adopted = adopt(leader, { startedAtMs })
    expect(adopted?.running).toBe(false)
    expect(await adopted?.ended).toEqual({ end, elapsedMs: 60_000 })
    expect(processesWith(rig().token)).toEqual([])
  })

  it('cannot have ended later than now, whatever the time of its status says', async () => {
    const leader = await orphaned(gated(0))
    openGate()
    await gone(leader)
    const later = new Date('2200-01-01T00:00:00Z')
    utimesSync(file('a.status'), later, later)
    const startedAtMs = Date.now() - 60_000
    expect((await adopt(leader, { startedAtMs })?.ended)?.elapsedMs).toBeLessThan(later.getTime() / 10)
  })

  it('is stopped by an abort, with all of its processes', async () => {
    const leader = await orphaned(gated(0, `setsid sleep ${rig().token} &`))
    const adopted = adopt(leader)
    rig().stop.abort()
    expect((await adopted?.ended)?.end).toEqual({ kind: 'aborted' })
    expect(processesWith(rig().token)).toEqual([])
  })

  it('has the time left that it had: over its timeout it is ended at once', async () => {
    const leader = await orphaned(gated(0))
    const old = (await adopt(leader, { timeoutSeconds: 0.01 })?.ended) ?? null
    expect(old?.end).toEqual({ kind: 'timed-out', seconds: 0.01 })
    expect(old?.elapsedMs).toBeGreaterThan(10)
  })

  it('is ended when it says nothing any more', async () => {
    const leader = await orphaned(gated(0))
    expect((await adopt(leader, { inactivitySeconds: 1 })?.ended)?.end).toEqual({ kind: 'stalled', seconds: 1 })
    expect(rig().quiet).toHaveLength(1)
  })

  it('is found by its marker when its start was not recorded, whatever else carries that', async () => {
    const leader = await orphaned(gated(0, `setsid sleep ${rig().token} &`))
    const adopted = adopt(null)
    expect(adopted?.running).toBe(true)
    expect(rig().spawned).toEqual([leader])
    openGate()
    expect((await adopted?.ended)?.end).toEqual({ kind: 'exited', code: 0 })
  })

  it('is ended whole when KILL took the shell above it while it was followed', async () => {
    const leader = await orphaned(gated(0))
    const adopted = adopt(leader)
    process.kill(leader.pid, 'SIGKILL')
    expect((await adopted?.ended)?.end).toEqual({ kind: 'signaled', signal: 'SIGKILL' })
    expect(processesWith(rig().token)).toEqual([])
  })

  it('is reported as gone when KILL took the shell above it before; what is left of it is not touched', async () => {
    const leader = await orphaned(gated(0))
    process.kill(leader.pid, 'SIGKILL')
    await gone(leader)
    expect(adopt(leader)).toBeNull()
    expect(adopt(null)).toBeNull()
    expect(processesWith(rig().token)).toHaveLength(1)
    openGate()
    await eventually(() => processesWith(rig().token).length === 0, 'it has ended by itself')
    expect(adopt(leader)).toBeNull()
  })

  it.each([
    ['the pid belongs to another process today', { startTime: '1' }],
    ['the identity is from before the last boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ])('is not touched when %s', async (_, change) => {
    const leader = await orphaned(gated(0))
    expect(adopt({ ...leader, ...change })).toBeNull()
    expect(isAlive(leader)).toBe(true)
    expect(identify(leader.pid)).toEqual(leader)
    openGate()
    await gone(leader)
  })
})

describe('an exit status', () => {
  it.each([
    ['that is empty', ''],
    ['that was cut off', '13'],
    ['that is no number', 'abc\n'],
    ['that is too long', '0000000\n'],
    ['below zero', '-1\n'],
  ])('%s is none', (_, text) => {
    writeFileSync(file('a.status'), text)
    expect(adopt(null)).toBeNull()
  })

  it('is none when something else is in its place', () => {
    mkdirSync(file('a.status'))
    expect(adopt(null)).toBeNull()
  })

  it('does not wait where the agent has put a pipe in its place', async () => {
    const ended = await rig().run('/bin/sh', ['-c', `mkfifo '${file('a.status')}'; exit 7`], { timeoutSeconds: 5 })
    expect(ended.end).toEqual({ kind: 'exited', code: 7 })
  })

  it('that was there before the agent does not count, and is kept', async () => {
    writeFileSync(file('a.status'), '0\n')
    await rig().run('/bin/sh', ['-c', 'exit 7'])
    expect(readFileSync(file('a.status'), 'utf8')).toBe('7\n')
    expect(readFileSync(file('a.status.before-1'), 'utf8')).toBe('0\n')
    rmSync(file('a.status'))
    await rig().run('/bin/sh', ['-c', `test -e '${file('a.status')}'`])
    expect(readFileSync(file('a.status'), 'utf8')).toBe('1\n')
    expect(existsSync(file('a.status.before-2'))).toBe(false)
  })
})
