import { appendFileSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Entry } from '../../src/core/explain/entry.ts'
import { isWpId, type WpId } from '../../src/core/ids.ts'
import { appendLines } from '../../src/files/append-line.ts'
import { createDecisionLog, type RecordedProcess, readDecisionLog } from '../../src/state/decision-log.ts'

function wp(text: string): WpId {
  if (!isWpId(text)) throw new Error(text)
  return text
}

const begin: Entry = {
  at: 1,
  type: 'begin',
  version: 1,
  rules: {
    agents: { max_retries: 0, single_agent_mode: false, fallback_strategy: 'next_in_list' },
    review: { max_cycles: 3, reviewer: 'prefer_other' },
    limits: { on_usage_limit: 'wait', max_wait_seconds: 60 },
  },
  maxConcurrentWps: 2,
  onlyWps: null,
  nodes: [{ wpId: wp('WP01'), lane: 'planned', dependencies: [] }],
  records: [],
}
const chosen: Entry = { at: 2, type: 'schedule', unvouched: null, start: [wp('WP01')], resolve: [] }
const paused: Entry = { at: 3, type: 'paused' }
const whole = (...entries: readonly Entry[]): RecordedProcess => ({ kind: 'entries', entries, brokenLine: null })
const noFailure = (reason: string) => expect.fail(reason)

function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sko decisions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'decisions.ndjson')
}

it('a record has the entries of each process, for the user alone, and no more bytes than it needs', () => {
  const file = aFile()
  for (const _ of ['first', 'second']) {
    const record = createDecisionLog(file, noFailure)
    for (const entry of [begin, chosen, paused]) record(entry)
  }
  expect(readDecisionLog(file)).toEqual([whole(begin, chosen, paused), whole(begin, chosen, paused)])
  expect(lstatSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8').split('\n')[1]).toBe('{"at":2,"type":"schedule","start":["WP01"],"resolve":[]}')
})

it('a last line that a kill cut off is left out, also where another process follows', () => {
  const file = aFile()
  createDecisionLog(file, noFailure)(begin)
  appendFileSync(file, '{"at":2,"type":"sched')
  expect(readDecisionLog(file)).toEqual([whole(begin)])
  const next = createDecisionLog(file, noFailure)
  next(begin)
  next(paused)
  expect(readDecisionLog(file)).toEqual([whole(begin), whole(begin, paused)])
})

it('a line in the middle that cannot be read ends what is known of its process, and is named', () => {
  const file = aFile()
  const record = createDecisionLog(file, noFailure)
  record(begin)
  appendFileSync(file, '{"at":2,"type":"of another world"}\n')
  record(paused)
  createDecisionLog(file, noFailure)(begin)
  expect(readDecisionLog(file)).toEqual([{ kind: 'entries', entries: [begin], brokenLine: 2 }, whole(begin)])
})

it('what another version has recorded is not read, and what no version has is nothing', () => {
  const file = aFile()
  createDecisionLog(file, noFailure)({ ...begin, version: 99 })
  appendFileSync(file, '{"a line":"of a form that only it knows"}\n')
  createDecisionLog(file, noFailure)(begin)
  expect(readDecisionLog(file)).toEqual([{ kind: 'other-version', version: 99 }, whole(begin)])
  writeFileSync(file, 'no record at all\n{"type":"begin"}\n[]\n')
  expect(readDecisionLog(file)).toEqual([])
})

it('what a full disk does not take waits for the next entry, and the failure is said once', () => {
  const file = aFile()
  const failures: string[] = []
  let isFull = false
  const record = createDecisionLog(
    file,
    reason => failures.push(reason),
    (path, lines) =>
      appendLines(path, lines, (to, text) => {
        if (!isFull) return appendFileSync(to, text)
        appendFileSync(to, text.slice(0, 10))
        throw new Error('ENOSPC: no space left on device, write')
      }),
  )
  record(begin)
  isFull = true
  record(chosen)
  record(chosen)
  isFull = false
  record(paused)
  expect(readDecisionLog(file)).toEqual([whole(begin, chosen, chosen, paused)])
  expect(failures).toEqual([`cannot write ${file}: ENOSPC: no space left on device, write`])
})

it('a disk that takes nothing for long leaves a mark where the record ends, and keeps nothing in memory', () => {
  let isFull = true
  let text = ''
  const record = createDecisionLog(
    'no such file',
    () => undefined,
    (_, lines) => {
      if (isFull) throw new Error('ENOSPC')
      text += lines
    },
  )
  for (let count = 0; count < 30_000; count += 1) record(chosen)
  isFull = false
  record(chosen)
  record(chosen)
  expect(text).toBe('{"type":"lost","at":2}\n')
})

it('a record ends at 16 MB, with a mark', () => {
  const file = aFile()
  writeFileSync(file, `${'x'.repeat(16 * 1024 * 1024)}\n`)
  const record = createDecisionLog(file, noFailure)
  record(begin)
  record(chosen)
  expect(readFileSync(file, 'utf8').split('\n').slice(1)).toEqual(['{"type":"lost","at":1}', ''])
})

it('a link in its place is not followed, and ends nothing', () => {
  const file = aFile()
  const theirs = `${file}.of-the-user`
  writeFileSync(theirs, 'theirs\n')
  symlinkSync(theirs, file)
  const failures: string[] = []
  const record = createDecisionLog(file, reason => failures.push(reason))
  record(begin)
  record(chosen)
  expect(failures).toEqual([expect.stringContaining('ELOOP')])
  expect(readFileSync(theirs, 'utf8')).toBe('theirs\n')
})
