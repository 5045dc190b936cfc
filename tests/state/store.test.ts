import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { unfinished } from '../../src/core/mission/finish-progress.ts'
import { newRecord } from '../../src/core/work-package/work-package.ts'
import { acquireRunLock } from '../../src/state/run-lock.ts'
import { formatState, parseState } from '../../src/state/saving/state-text.ts'
import type { RunState } from '../../src/state/schema.ts'
import { loadRunState, statePath } from '../../src/state/state-file.ts'
import { createStore, runLogsFolder, startNewRun } from '../../src/state/store.ts'
import { agent, sampleState, thisProcess, useKittify, wp } from './sample-state.ts'

const stopped = () => 0

describe('store', () => {
  const kittify = useKittify()
  const onDisk = async (): Promise<RunState | null> => {
    const loaded = await loadRunState(kittify())
    return loaded.kind === 'loaded' ? loaded.state : null
  }

  it('saves each part, and keeps the others', async () => {
    const store = createStore(kittify(), sampleState, stopped)
    const record = { ...newRecord(wp('WP02')), cycle: 7 }
    const cooldown = {
      until: '2030-01-01T00:00:00Z',
      class: 'overloaded',
      reason: 'busy',
      count: 2,
      waitedMs: 15_000,
    } as const
    const finish = { ...unfinished, mergeStarted: true }
    await store.saveWorkPackage(record)
    await store.saveCooldown(agent('claude-code'), cooldown)
    await store.saveFinish(finish)
    await store.replaceState({ ...store.state(), phase: 'finished' })
    await store.replaceState({ ...store.state(), exitCode: 1 })
    expect(await onDisk()).toEqual({
      ...sampleState,
      phase: 'finished',
      finish,
      exitCode: 1,
      workPackages: { ...sampleState.workPackages, WP02: record },
      cooldowns: { ...sampleState.cooldowns, 'claude-code': cooldown },
    })
    expect(store.state()).toEqual(await onDisk())
  })

  it('adds the time of this process to that of those before, with every save', async () => {
    let now = 1_000_000
    const store = createStore(kittify(), { ...sampleState, activeMs: 500 }, () => now)
    now += 60_000
    await store.saveFinish(sampleState.finish)
    expect(await onDisk()).toMatchObject({ activeMs: 60_500 })
    now -= 120_000
    expect(store.activeMs()).toBe(500)
  })

  it('forgets the cooldown of an agent that works again, in a file that can be read', async () => {
    const store = createStore(kittify(), sampleState, stopped)
    await store.saveCooldown(agent('codex'), null)
    expect(Object.keys((await onDisk())?.cooldowns ?? {})).toEqual(['codex/gpt-5'])
  })

  it('loses none of many saves at once, and writes them in order', async () => {
    const store = createStore(kittify(), sampleState, stopped)
    const ids = Array.from({ length: 40 }, (_, i) => wp(`WP${i + 10}`))
    await Promise.all(ids.map(id => store.saveWorkPackage(newRecord(id))))
    expect(Object.keys((await onDisk())?.workPackages ?? {})).toEqual(expect.arrayContaining(ids))
    // The backup has a part of them, also those that were appended to it.
    const backup = parseState(readFileSync(`${statePath(kittify())}.bak`))
    const kept = backup.kind === 'loaded' ? Object.keys(backup.state.workPackages).slice(3) : []
    expect(kept).toEqual(ids.slice(0, kept.length))
    expect(kept.length).toBeGreaterThan(10)
    expect(kept.length).toBeLessThan(40)
  })

  it('is durable when the promise resolves', async () => {
    const store = createStore(kittify(), sampleState, stopped)
    await store.replaceState({ ...store.state(), phase: 'aborted' })
    expect((await onDisk())?.phase).toBe('aborted')
  })

  it('keeps the state before the last one as .bak', async () => {
    const store = createStore(kittify(), sampleState, stopped)
    await store.replaceState({ ...sampleState, exitCode: 1 })
    await store.replaceState({ ...sampleState, exitCode: 2 })
    const backup = readFileSync(`${statePath(kittify())}.bak`, 'utf8')
    expect(backup).toBe(formatState({ ...sampleState, exitCode: 1 }).text)
    expect(statSync(statePath(kittify())).mode & 0o777).toBe(0o600)
  })

  it('fails by name while .kittify is gone, and the next save holds all', async () => {
    const store = createStore(kittify(), sampleState, stopped)
    renameSync(kittify(), `${kittify()}.away`)
    const failed = store.saveWorkPackage({ ...newRecord(wp('WP02')), cycle: 9 })
    await expect(failed).rejects.toMatchObject({ code: 'state-unwritable' })
    expect(() => store.prepareFiles(wp('WP01'))).toThrow('Cannot write')
    renameSync(`${kittify()}.away`, kittify())
    await store.replaceState({ ...store.state(), phase: 'finished' })
    expect(await onDisk()).toMatchObject({ phase: 'finished', workPackages: { WP02: { cycle: 9 } } })
  })

  it('writes nothing more where the lock is gone under which it was opened, not even into a folder of the same name', async () => {
    const acquired = acquireRunLock(kittify(), thisProcess(), { runId: 'mine' })
    const store = createStore(kittify(), sampleState, stopped)
    await store.saveFinish(sampleState.finish)
    rmSync(kittify(), { recursive: true })
    const lost = { code: 'lock-lost', message: expect.stringContaining(kittify()) }
    await expect(store.saveFinish(sampleState.finish)).rejects.toMatchObject(lost)
    mkdirSync(kittify())
    await expect(store.saveFinish(sampleState.finish)).rejects.toMatchObject(lost)
    expect(readdirSync(kittify())).toEqual([])
    if (acquired.kind === 'acquired') acquired.release()
  })

  it('takes the lock of a process with its own pid in another container for none of its own', async () => {
    const acquired = acquireRunLock(kittify(), thisProcess(), { runId: 'mine' })
    const store = createStore(kittify(), sampleState, stopped)
    await store.saveFinish(sampleState.finish)
    const lock = join(kittify(), 'orchestrator.lock.1')
    const record = JSON.parse(readFileSync(lock, 'utf8'))
    writeFileSync(lock, JSON.stringify({ ...record, startTime: '1', runId: 'theirs', pidNamespace: 'pid:[1]' }))
    await expect(store.saveFinish(sampleState.finish)).rejects.toMatchObject({ code: 'lock-lost' })
    if (acquired.kind === 'acquired') acquired.release()
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ runId: 'theirs', released: false })
  })

  it('does not count what a wall clock that is set adds', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = createStore(kittify(), { ...sampleState, activeMs: 0 })
    for (const jump of [3_600_000, -7_200_000]) {
      vi.setSystemTime(Date.now() + jump)
      await store.saveFinish(sampleState.finish)
      expect(store.activeMs()).toBeLessThan(600_000)
    }
  })

  it('names the files of an attempt and makes their folder', () => {
    const store = createStore(kittify(), sampleState, stopped)
    store.prepareFiles(wp('WP01'))
    const prefix = store.attemptFiles(wp('WP01'), { role: 'review', cycle: 2, number: 3 })
    expect(prefix).toBe(join(kittify(), 'logs', sampleState.runId, 'WP01', 'review-c2-a3'))
    writeFileSync(`${prefix}.out.log`, '')
    expect(statSync(join(prefix, '..')).mode & 0o777).toBe(0o700)
  })
})

describe('startNewRun', () => {
  const kittify = useKittify()
  /** No time passes, so that what is saved is what was given. */
  const stopped = () => 0
  const next: RunState = { ...sampleState, runId: 'next', workPackages: {}, cooldowns: {} }

  it('writes the state of a first run', async () => {
    const store = await startNewRun(kittify(), next, stopped)
    expect(store.state()).toEqual(next)
    expect(await loadRunState(kittify())).toEqual({ kind: 'loaded', state: next })
  })

  it.each(['finished', 'aborted'] as const)('puts a %s run beside its logs', async phase => {
    const old: RunState = { ...sampleState, phase }
    await startNewRun(kittify(), old, stopped)
    await startNewRun(kittify(), next, stopped)
    const archived = join(runLogsFolder(kittify(), old.runId), 'run-state.json')
    expect(readFileSync(archived, 'utf8')).toBe(formatState(old).text)
    expect(await loadRunState(kittify())).toEqual({ kind: 'loaded', state: next })
  })

  it('never overwrites an unfinished run', async () => {
    await startNewRun(kittify(), sampleState, stopped)
    await expect(startNewRun(kittify(), next, stopped)).rejects.toMatchObject({
      code: 'run-exists',
      hint: expect.stringMatching(/sko resume.*sko abort/),
    })
    expect(await loadRunState(kittify())).toEqual({ kind: 'loaded', state: sampleState })
  })

  it('never overwrites what it cannot read', async () => {
    writeFileSync(statePath(kittify()), 'precious')
    await expect(startNewRun(kittify(), next, stopped)).rejects.toMatchObject({ code: 'run-exists' })
    expect(readFileSync(statePath(kittify()), 'utf8')).toBe('precious')
  })
})
