import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newRecord, type WpRecord } from '../../src/core/work-package/work-package.ts'
import { formatChange, formatState, parseState } from '../../src/state/saving/state-text.ts'
import { loadRunState, saveRunState, statePath } from '../../src/state/state-file.ts'
import { startNewRun } from '../../src/state/store.ts'
import { fullRecord, sampleState, useKittify, wp } from './sample-state.ts'

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
    expect(loaded).toMatchObject({ kind: 'loaded', state: { version: 3, activeMs: 0, runId: sampleState.runId } })
    const read = loaded.kind === 'loaded' ? Object.values<WpRecord>(loaded.state.workPackages)[0] : null
    expect(read).toEqual({
      ...fullRecord,
      attempts: attempts.map(attempt => ({ ...attempt, sessionId: null, resumedSession: null })),
      earlierFindings: earlierFindings.map(finding => ({ ...finding, raised: 1 })),
      refusedTrees: [],
      work: { ...work, tree: '', checks: null },
    })
  })

  it('of version 2, which had no changes below the state, is read as it is', async () => {
    const version2 = { ...sampleState, version: 2 }
    const checksum = createHash('sha256').update(JSON.stringify(version2)).digest('hex')
    const text = `${JSON.stringify({ ...version2, checksum }, null, 2)}\n`
    write(text)
    expect(await load()).toEqual({ kind: 'loaded', state: sampleState })
    write(text + formatChange({ exitCode: 0 }, checksum).text)
    expect(await load()).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('overwritten') })
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

  /** Multiplied by eight bits, what one WP after two attempts takes is enough. */
  const oneWp = { ...sampleState, workPackages: { WP01: { ...fullRecord, attempts: fullRecord.attempts.slice(0, 2) } } }
  const { text, checksum } = formatState(oneWp)
  const whole = Buffer.from(text)

  it('cut off at any byte is reported, except for the line end', () => {
    const silent: number[] = []
    for (let length = 0; length < whole.length - 1; length++) {
      if (parseState(whole.subarray(0, length)).kind !== 'unreadable') silent.push(length)
    }
    expect(silent).toEqual([])
    expect(parseState(whole.subarray(0, -1))).toEqual({ kind: 'loaded', state: oneWp })
  }, 120_000)

  it('with any single bit flipped is reported, or means the same', () => {
    const original = whole.toString()
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole)
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const read = parseState(damaged)
      if (read.kind === 'unreadable') continue
      // An escape in capital letters.
      const sameText = damaged.toString().replace(/\\u[\da-f]{4}/gi, found => found.toLowerCase())
      expect([bit, sameText]).toEqual([bit, original])
      expect(read).toEqual({ kind: 'loaded', state: oneWp })
    }
    expect(whole.length).toBeGreaterThan(3_000)
  }, 300_000)

  /** The state after each of three changes, as text. */
  const changed = [{ exitCode: 7 }, { workPackages: { WP02: newRecord(wp('WP02')) } }, { activeMs: 9, exitCode: null }]
  const states = [oneWp]
  let last = checksum
  const texts = [text]
  for (const change of changed) {
    const before = states.at(-1) ?? oneWp
    states.push({ ...before, ...change, workPackages: { ...before.workPackages, ...change.workPackages } })
    const line = formatChange(change, last)
    last = line.checksum
    texts.push(line.text)
  }
  const withChanges = Buffer.from(texts.join(''))

  it('cut off at any byte of a change is the state before it', () => {
    const ends = texts.map((_, index) => Buffer.byteLength(texts.slice(0, index + 1).join('')))
    for (let length = whole.length; length <= withChanges.length; length++) {
      // Without its line end, a change is whole.
      const state = states[ends.findLastIndex(end => length >= end - 1)]
      expect([length, parseState(withChanges.subarray(0, length))]).toEqual([length, { kind: 'loaded', state }])
    }
  })

  it('with any single bit of its changes flipped is reported', () => {
    const silent: number[] = []
    for (let bit = (whole.length - 4) * 8; bit < withChanges.length * 8; bit++) {
      const damaged = Buffer.from(withChanges)
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      if (parseState(damaged).kind !== 'unreadable') silent.push(bit)
    }
    expect(silent).toEqual([])
  })

  it.each([1, 2, 3])('damaged in change %i is restored up to there by the command that it names', async line => {
    const lines = texts.with(line, `${texts[line]?.replace(':', ';')}`)
    write(lines.join(''))
    const loaded = await load()
    const count = text.split('\n').length + line - 1
    expect(loaded).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining(`its line ${count} was damaged`),
    })
    expect(readFileSync(statePath(kittify()), 'utf8')).toBe(lines.join(''))
    const [, cure = ''] = loaded.kind === 'unreadable' ? loaded.reason.split('is intact: ') : []
    execFileSync('sh', ['-c', cure])
    expect(await load()).toEqual({ kind: 'loaded', state: states[line - 1] })
    expect(lstatSync(statePath(kittify())).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['without one of its changes', [0, 2, 3]],
    ['with two in another order', [0, 2, 1, 3]],
    ['with one twice', [0, 1, 1, 2]],
  ])('%s is unreadable', (_, order) => {
    expect(parseState(Buffer.from(order.map(index => texts[index]).join(''))).kind).toBe('unreadable')
  })

  const sample = formatState(sampleState).text
  it.each([
    ['nothing', '', 'not a JSON object'],
    ['an array', '[]', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['a byte order mark', `\ufeff${sample}`, 'not a JSON object'],
    ['two documents', sample + sample, 'was damaged or edited'],
    ['no version', '{}', 'its state version is unknown'],
    ['a future version', sample.replace('"version": 3', '"version": 4'), 'newer sko'],
    ['a version as text', sample.replace('"version": 3', '"version": "2"'), 'its state version is unknown'],
    ['an edit', sample.replace('"phase": "running"', '"phase": "aborted"'), 'checksum'],
    ['no checksum', sample.replace(/,\s*"checksum": "\w+"/, ''), 'checksum'],
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
    write(formatState(JSON.parse(JSON.stringify(state))).text)
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
    const reason = expect.stringContaining(`it is gone; an earlier state is intact: mv '${path}.bak' '${path}'`)
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
    writeFileSync(join(kittify(), '..', 'elsewhere'), formatState(sampleState).text)
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
