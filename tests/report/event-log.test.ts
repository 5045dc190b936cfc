import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createEventLog, wasPaused } from '../../src/report/event-log.ts'
import { oneOfEach, stamped } from './events.ts'

it('the event log has every event as soon as it happened, for the user alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'events.ndjson')
  const events = Object.values(oneOfEach).map(event => stamped(event))
  const log = createEventLog(file)
  const onDisk = (): unknown[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
  for (const [index, event] of events.entries()) {
    log.onEvent(event)
    expect(onDisk()).toEqual(events.slice(0, index + 1))
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('an event log tells whether the run is paused, and nothing where it cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'events.ndjson')
  const log = createEventLog(file)
  const seen = [wasPaused(file)]
  for (const type of ['paused', 'looked', 'continued', 'paused', 'run-started'] as const) {
    log.onEvent(stamped(oneOfEach[type]))
    seen.push(wasPaused(file))
  }
  expect(seen).toEqual([false, true, true, false, true, false])
  expect(wasPaused(folder)).toBe(false)
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  expect(wasPaused(pipe)).toBe(false)
})

it('an event log whose last line was cut off, as by a power failure, continues with a line of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'events.ndjson')
  const { looked, paused } = oneOfEach
  const half = JSON.stringify(stamped(looked)).slice(0, 20)
  writeFileSync(file, half)
  const log = createEventLog(file)
  log.onEvent(stamped(paused))
  log.onEvent(stamped(looked))
  const lines = readFileSync(file, 'utf8').split('\n')
  expect(lines).toEqual([half, JSON.stringify(stamped(paused)), JSON.stringify(stamped(looked)), ''])
})

it('an event log of which a full disk takes half a line has whole lines, and continues when there is room', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'events.ndjson')
  const { looked, paused, continued } = oneOfEach
  let isFull = false
  const log = createEventLog(file, (path, text) => {
    if (!isFull) return appendFileSync(path, text)
    appendFileSync(path, text.slice(0, 20))
    throw new Error('ENOSPC: no space left on device, write')
  })
  log.onEvent(stamped(looked))
  isFull = true
  expect(() => log.onEvent(stamped(paused))).toThrow(`cannot write ${file}: ENOSPC`)
  isFull = false
  log.onEvent(stamped(continued))
  const lines = readFileSync(file, 'utf8').split('\n')
  expect(lines).toEqual([JSON.stringify(stamped(looked)), JSON.stringify(stamped(continued)), ''])
})

it('an event log that is a link is refused, and what it leads to keeps its content and its length', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'events.ndjson')
  const theirs = join(folder, 'of the user')
  const content = 'more than the link itself is long\n'.repeat(100)
  writeFileSync(theirs, content)
  symlinkSync(theirs, file)
  expect(() => createEventLog(file).onEvent(stamped(oneOfEach.paused))).toThrow(`cannot write ${file}: ELOOP`)
  expect(readFileSync(theirs, 'utf8')).toBe(content)
})
