import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { WpRecord } from '../../src/core/work-package/work-package.ts'
import { formatState, loadRunState, parseState, saveRunState, statePath } from '../../src/state/state-file.ts'
import { startNewRun } from '../../src/state/store.ts'
import { fullRecord, sampleState, useKittify } from './sample-state.ts'

describe('state file', () => {
  const kittify = useKittify()
  const write = (content: string | Uint8Array) => writeFileSync(statePath(kittify()), content)
  const load = () => loadRunState(kittify())

  it('comes back as it was', async () => {
    await saveRunState(kittify(), sampleState)
    expect(await load()).toEqual({ kind: 'loaded', state: sampleState })
  })

  it('of version 1 is read with what that version did not know', async () => {
    const { activeMs: _, ...old } = sampleState
    const { earlierFindings, refusedTrees: __, work, attempts, ...record } = fullRecord
    const version1 = {
      ...old,
      version: 1,
      workPackages: {
        WP01: {
          ...record,
          attempts: attempts.map(({ sessionId, resumedSession, ...attempt }) => attempt),
          earlierFindings: earlierFindings.map(({ raised, ...finding }) => finding),
          work: work && { agent: work.agent, baseCommit: work.baseCommit, headCommit: work.headCommit },
        },
      },
    }
    const content = JSON.parse(JSON.stringify(version1))
    const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex')
    write(JSON.stringify({ ...content, checksum }))
    const loaded = await load()
    expect(loaded).toMatchObject({ kind: 'loaded', state: { version: 2, activeMs: 0, runId: sampleState.runId } })
    const read = loaded.kind === 'loaded' ? Object.values<WpRecord>(loaded.state.workPackages)[0] : null
    expect(read).toEqual({
      ...fullRecord,
      attempts: attempts.map(attempt => ({ ...attempt, sessionId: null, resumedSession: null })),
      earlierFindings: earlierFindings.map(finding => ({ ...finding, raised: 1 })),
      refusedTrees: [],
      work: { ...work, tree: '', checks: null },
    })
  })

  it('of before it was remembered that the acceptance is asked for: it was not', async () => {
    const { acceptStarted: _, ...finish } = sampleState.finish
    const content = { ...sampleState, finish }
    const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex')
    write(JSON.stringify({ ...content, checksum }))
    expect(await load()).toEqual({ kind: 'loaded', state: sampleState })
  })

  it('absent is none', async () => {
    expect(await load()).toEqual({ kind: 'none' })
  })

  const parse = (bytes: Uint8Array) => parseState('the file', bytes)
  /** Multiplied by eight bits, what one WP after two attempts takes is enough. */
  const oneWp = { ...sampleState, workPackages: { WP01: { ...fullRecord, attempts: fullRecord.attempts.slice(0, 2) } } }
  const whole = Buffer.from(formatState(oneWp))

  it('cut off at any byte is reported, except for the line end', () => {
    const silent: number[] = []
    for (let length = 0; length < whole.length - 1; length++) {
      if (parse(whole.subarray(0, length)).kind !== 'unreadable') silent.push(length)
    }
    expect(silent).toEqual([])
    expect(parse(whole.subarray(0, -1))).toEqual({ kind: 'loaded', state: oneWp })
  }, 120_000)

  it('with any single bit flipped is reported, or means the same', () => {
    const original = whole.toString()
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole)
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const read = parse(damaged)
      if (read.kind === 'unreadable') continue
      // An escape in capital letters.
      const sameText = damaged.toString().replace(/\\u[\da-f]{4}/gi, found => found.toLowerCase())
      expect([bit, sameText]).toEqual([bit, original])
      expect(read).toEqual({ kind: 'loaded', state: oneWp })
    }
    expect(whole.length).toBeGreaterThan(3_000)
  }, 300_000)

  const text = formatState(sampleState)
  it.each([
    ['nothing', '', 'not a JSON object'],
    ['an array', '[]', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['a byte order mark', `\ufeff${text}`, 'not a JSON object'],
    ['two documents', text + text, 'not a JSON object'],
    ['no version', '{}', 'its state version is unknown'],
    ['a future version', text.replace('"version": 2', '"version": 3'), 'newer sko'],
    ['a version as text', text.replace('"version": 2', '"version": "2"'), 'its state version is unknown'],
    ['an edit', text.replace('"phase": "running"', '"phase": "aborted"'), 'checksum'],
    ['no checksum', text.replace(/,\s*"checksum": "\w+"/, ''), 'checksum'],
  ])('with %s is unreadable, says so and is left as it is', async (_, content, reason) => {
    write(content)
    expect(await load()).toEqual({
      kind: 'unreadable',
      path: statePath(kittify()),
      reason: expect.stringContaining(reason),
    })
    expect(readFileSync(statePath(kittify()), 'utf8')).toBe(content)
  })

  it.each([
    ['a run id that leads elsewhere', { ...sampleState, runId: '../../etc' }, 'runId'],
    ['a field of a later version', { ...sampleState, later: 1 }, 'later'],
    ['a count that is no number', { ...sampleState, exitCode: Number.NaN, startedAt: 5 }, 'startedAt'],
  ])('of the right version with %s names the place', async (_, state, place) => {
    // As another program could write it: the checksum is right, the shape is not.
    write(formatState(JSON.parse(JSON.stringify(state))))
    expect(await load()).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(place) })
  })

  it('names the backup when that one is good, and only then', async () => {
    await saveRunState(kittify(), sampleState)
    await saveRunState(kittify(), { ...sampleState, exitCode: 0 })
    write('{"version": 1,')
    expect(await load()).toMatchObject({ reason: expect.stringContaining('.json.bak') })
    writeFileSync(`${statePath(kittify())}.bak`, 'x')
    expect(await load()).not.toMatchObject({ reason: expect.stringContaining('.json.bak') })
  })

  it('gone while the backup is whole is unreadable, and says how to put it back', async () => {
    await saveRunState(kittify(), sampleState)
    renameSync(statePath(kittify()), `${statePath(kittify())}.bak`)
    const path = statePath(kittify())
    const reason = expect.stringContaining(
      `it is gone; the state saved before it is intact: mv '${path}.bak' '${path}'`,
    )
    expect(await load()).toEqual({ kind: 'unreadable', path, reason })
    expect(existsSync(`${path}.bak`)).toBe(true)
    writeFileSync(`${path}.bak`, 'x')
    expect(await load()).toEqual({ kind: 'none' })
  })

  it.each([
    ['a folder', () => mkdirSync(statePath(kittify())), 'is not a regular file'],
    ['a named pipe', () => execFileSync('mkfifo', [statePath(kittify())]), 'is not a regular file'],
    ['a device without an end', () => symlinkSync('/dev/zero', statePath(kittify())), 'it leads outside'],
    ['a link to a place outside', () => symlinkSync('../elsewhere', statePath(kittify())), 'it leads outside'],
    ['a link to itself', () => symlinkSync(statePath(kittify()), statePath(kittify())), 'ELOOP'],
  ])('%s in its place is unreadable, does not block, and is left there', async (_, put, reason) => {
    writeFileSync(join(kittify(), '..', 'elsewhere'), formatState(sampleState))
    put()
    const { mode } = lstatSync(statePath(kittify()))
    expect(await load()).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(reason) })
    await expect(startNewRun(kittify(), sampleState)).rejects.toMatchObject({ code: 'run-exists' })
    expect(lstatSync(statePath(kittify())).mode).toBe(mode)
  })

  it('a named pipe in the place of the backup does not block, and the state is read', async () => {
    await saveRunState(kittify(), sampleState)
    execFileSync('mkfifo', [`${statePath(kittify())}.bak`])
    expect(await load()).toEqual({ kind: 'loaded', state: sampleState })
    renameSync(statePath(kittify()), join(kittify(), 'away'))
    expect(await load()).toEqual({ kind: 'none' })
  })
})
