import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Event } from '../../src/report/event.ts'
import { createEventLog } from '../../src/report/event-log.ts'
import { duration, table, usage } from '../../src/report/format.ts'
import { createJsonLines } from '../../src/report/json-lines.ts'
import { createLines } from '../../src/report/lines.ts'
import { createReport } from '../../src/report/reporter.ts'
import { everyEvent, stamp } from './every-event.ts'

const events: readonly Event[] = Object.values(everyEvent).map(event => ({ ...event, ...stamp }))

describe('lines', () => {
  it('begin with the time of day; the last one is followed by the summary', () => {
    const written: string[] = []
    const lines = createLines(text => written.push(text))
    for (const event of events) lines.onEvent(event)
    expect(written).toHaveLength(events.length)
    for (const text of written.slice(0, -1)) expect(text).toMatch(/^12:34:56 [^\n]+\n$/)
    expect(written.at(-1)).toMatch(/^\nMission 001-demo[\s\S]+\n$/)
  })
})

describe('json lines', () => {
  it('are one event each and nothing else, whatever is in them', () => {
    const written: string[] = []
    const json = createJsonLines(text => written.push(text))
    const odd: Event = { type: 'warning', message: 'a\nb\u2028c', hint: '"', ...stamp }
    for (const event of [...events, odd]) json.onEvent(event)
    expect(written.every(text => text.indexOf('\n') === text.length - 1)).toBe(true)
    expect(written.map(text => JSON.parse(text))).toEqual([...events, odd])
  })
})

describe('the event log', () => {
  it('has every event as soon as it happened, for the user alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'events.ndjson')
    const log = createEventLog(file)
    for (const [index, event] of events.entries()) {
      log.onEvent(event)
      expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(index + 1)
    }
    expect(
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual(events)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

describe('createReport', () => {
  it('stamps each event and gives it to every reporter, in order', () => {
    const seen: (readonly [string, Event])[] = []
    const reporter = (name: string) => ({
      onEvent: (event: Event) => seen.push([name, event]),
      close: async () => {},
    })
    const { report } = createReport('run-1', () => Date.parse(stamp.at), [reporter('a'), reporter('b')])
    report({ type: 'accepted' })
    expect(seen).toEqual(['a', 'b'].map(name => [name, { type: 'accepted', ...stamp }]))
  })

  it('drops a reporter that fails, closes all, and never fails itself', async () => {
    let seen = 0
    const closed: string[] = []
    const broken = {
      onEvent: () => {
        throw new Error('EPIPE')
      },
      close: async () => {
        closed.push('broken')
        throw new Error('EPIPE')
      },
    }
    const working = {
      onEvent: () => {
        seen += 1
      },
      close: async () => {
        closed.push('working')
      },
    }
    const { report, close } = createReport('run-1', () => 0, [broken, working])
    report({ type: 'accepted' })
    report({ type: 'accepted' })
    await close()
    expect(seen).toBe(2)
    expect(closed).toEqual(['broken', 'working'])
  })
})

describe('format', () => {
  it.each([
    [0, '0.0 s'],
    [-5, '0.0 s'],
    [59_900, '59.9 s'],
    [59_999, '1 m 00 s'],
    [60_000, '1 m 00 s'],
    [3_599_000, '59 m 59 s'],
    [3_600_000, '1 h 00 m'],
    [90_061_000, '25 h 01 m'],
  ])('%i ms is %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected)
  })

  it.each([
    [null, 'unknown'],
    [{ inputTokens: null, outputTokens: null, costUsd: null }, 'unknown'],
    [{ inputTokens: 1_234_567, outputTokens: null, costUsd: null }, '1,234,567 tokens'],
    [{ inputTokens: null, outputTokens: 5, costUsd: 0 }, '5 tokens, $0.00'],
    [{ inputTokens: null, outputTokens: null, costUsd: 1.005 }, '$1.00'],
  ])('%j is %s', (used, expected) => {
    expect(usage(used)).toBe(expected)
  })

  it('pads columns to the widest cell and no line at its end', () => {
    expect(
      table([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toBe('a    bb  c\naaa  b')
    expect(table([])).toBe('')
  })
})
