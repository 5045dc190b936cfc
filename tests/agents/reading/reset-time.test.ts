import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resetTimeIn } from '../../../src/agents/reading/reset-time.ts'

const summer = '2026-07-14T20:15:00Z'
const winter = '2026-12-30T20:15:00Z'
const local = 'Europe/Berlin'

/** Words of limit messages as CLIs and their users report them; the time in UTC, or null where it must not be guessed. */
const inSummer: readonly (readonly [string, string | null])[] = [
  ['try again in 5 days 22 hours 11 minutes.', '2026-07-20T18:26:00Z'],
  ['or try again in 5 days 22 hours 11\nminutes.', '2026-07-20T18:26:00Z'],
  ['Try again in 2 hours 5 minutes', '2026-07-14T22:20:00Z'],
  ['Please try again in 51 hours.', '2026-07-16T23:15:00Z'],
  ['try again in 1 day, 2 hours, and 3 minutes', '2026-07-15T22:18:00Z'],
  ['Please wait 343 hours 21 minutes before trying again.', '2026-07-29T03:36:00Z'],
  ['Please wait for 2733 seconds.', '2026-07-14T21:00:33Z'],
  ['You have hit your ChatGPT usage limit (plus plan). Try again in ~95 min.', '2026-07-14T21:50:00Z'],
  ['Subscription quota exceeded. Retry in 2hr 5min.', '2026-07-14T22:20:00Z'],
  ['Your quota will reset after 21h13m38s.', '2026-07-15T17:28:38Z'],
  ['You exceeded your current quota. Please retry in 34.07s.', '2026-07-14T20:15:34.070Z'],
  ['Please try again in 6m0s.', '2026-07-14T20:21:00Z'],
  ['Please try again in 28ms.', '2026-07-14T20:15:00.028Z'],
  ['Suggested retry after 900s.', '2026-07-14T20:30:00Z'],
  ['{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}', '2026-07-14T20:15:34Z'],
  ['429, Retry-After: 30', '2026-07-14T20:15:30Z'],
  ['"resets_in_seconds": 3600', '2026-07-14T21:15:00Z'],
  ['try again in an hour', '2026-07-14T21:15:00Z'],
  ['try again in less than a minute', '2026-07-14T20:16:00Z'],
  ['Resets in 45 seconds', '2026-07-14T20:15:45Z'],

  ['Claude AI usage limit reached|1784063700', '2026-07-14T21:15:00Z'],
  ['"rate_limit_info":{"status":"rejected","resetsAt":1784063700}', '2026-07-14T21:15:00Z'],
  ['"resets_at": 1784063700000', '2026-07-14T21:15:00Z'],
  ['reset at 2026-07-15 00:00 UTC.', '2026-07-15T00:00:00Z'],
  ['Your limit will reset at 2026-07-15 03:04:05', '2026-07-15T01:04:05Z'],
  ['"reset_at": "2026-07-15T00:00:00.000Z"', '2026-07-15T00:00:00Z'],
  ['resets on 2026-07-16T00:00:00+05:30', '2026-07-15T18:30:00Z'],
  ['try again after 2026-07-15T00:00:00-0300', '2026-07-15T03:00:00Z'],

  ['try again at 11:08 PM.', '2026-07-14T21:08:00Z'],
  ['try again at 2:08 AM.', '2026-07-15T00:08:00Z'],
  ["You've hit your session limit · resets 3pm", '2026-07-15T13:00:00Z'],
  ['Your limit will reset at 12am', '2026-07-14T22:00:00Z'],
  ['resets 12:30pm', '2026-07-15T10:30:00Z'],
  ['resets 3 p.m.', '2026-07-15T13:00:00Z'],
  ['resets at 23:30', '2026-07-14T21:30:00Z'],
  ['reset at 03:27', '2026-07-15T01:27:00Z'],
  ['resets Jul 16 at 5pm', '2026-07-16T15:00:00Z'],
  ['Resets Jul 16, 10:59am', '2026-07-16T08:59:00Z'],
  ['try again at Jul 20th, 2026 7:38 AM.', '2026-07-20T05:38:00Z'],
  ['try again at July 20, 2026, 7:38 AM.', '2026-07-20T05:38:00Z'],
  ['try again after July 20, 2026, 11:15.', '2026-07-20T09:15:00Z'],
  ['try again at 20 Jul 2026, 11:15', '2026-07-20T09:15:00Z'],
  ['wait for your limit to reset on July 20, 2026 at 2:00 AM or switch', '2026-07-20T00:00:00Z'],
  ['Your quota resets on August 1', '2026-07-31T22:00:00Z'],

  ['resets 11pm (Europe/Berlin)', '2026-07-14T21:00:00Z'],
  ['resets 8:30am (Asia/Tokyo)', '2026-07-14T23:30:00Z'],
  ['resets Jul 16 at 4pm (America/Recife)', '2026-07-16T19:00:00Z'],
  ['Resets 7:59pm (America/New_York)', '2026-07-14T23:59:00Z'],
  ['resets 2:30pm (Pacific/Auckland)', '2026-07-15T02:30:00Z'],
  ['reset at 6pm (Etc/GMT+5).', '2026-07-14T23:00:00Z'],
  ['resets 9am (America/Argentina/Buenos_Aires)', '2026-07-15T12:00:00Z'],
  ['Access resets at 10:57 PM GMT-3.', '2026-07-15T01:57:00Z'],
  ['resets at 23:30 UTC+05:30', '2026-07-15T18:00:00Z'],
  ['resets 21:00 UTC', '2026-07-14T21:00:00Z'],
  ['resets 21:00 utc', '2026-07-14T21:00:00Z'],
  ['Access resets at 4:33 PM PDT.', '2026-07-14T23:33:00Z'],
  ['resets at 23:00 CEST', '2026-07-14T21:00:00Z'],
  ['resets 3pm CST', null],
  ['resets 3pm IST', null],
  ['resets 3pm (Mars/Olympus)', null],
  ['resets 3pm (Eastern Time)', null],

  ['resets at 10:14pm', '2026-07-14T20:16:00Z'],
  ['resets 10:05pm', '2026-07-15T20:05:00Z'],
  ['Claude AI usage limit reached|1784060050', '2026-07-14T20:16:00Z'],
  ['Claude AI usage limit reached|1784050000', null],
  ['reset at 2025-11-22 00:00 UTC', null],
  ['resets on August 15', null],
  ['Claude AI usage limit reached|9999999999', null],
  ['try again in 40 days', null],
  ['resets in 40 days; try again in 2 hours', '2026-07-14T22:15:00Z'],
  ['try again at Feb 30, 2026 7:38 AM', null],
  ['resets 13pm', null],
  ['resets 25:00', null],

  ['wait for limits to reset (every 5h and every week.)', null],
  ['try again at 10 de jul. de 2026, 11:52.', null],
  ['Rate limit of 30 requests per 60 seconds exceeded', null],
  ['exceeded retry limit, last status: 429 Too Many Requests', null],
  ['Retrying in 60s (attempt 1/10)', null],
  ['will reset when your monthly cycle ends on 12/5/2026', null],
  ['try again in 0 seconds', null],
  ['try again later.', null],
  ['Please wait a moment and try again.', null],
  ['it resets nothing', null],
  ['', null],
]

describe('resetTimeIn', () => {
  const read = (words: string, now: string, zone = local) => resetTimeIn(words, new Date(now), zone)
  const expected = (time: string | null) => (time === null ? null : new Date(time).toISOString())

  it.each(inSummer)('%s', (words, time) => {
    expect(read(words, summer)).toBe(expected(time))
  })

  it.each([
    ['resets Jan 2 at 4pm', '2027-01-02T15:00:00Z'],
    ['resets 7:38am', '2026-12-31T06:38:00Z'],
    ['resets 7:59pm (America/New_York)', '2026-12-31T00:59:00Z'],
    ['resets at 4:33 PM PST', '2026-12-31T00:33:00Z'],
    ['resets at 23:00 CET', '2026-12-30T22:00:00Z'],
  ])('in winter, %s', (words, time) => {
    expect(read(words, winter)).toBe(expected(time))
  })

  it.each([
    ['America/Chicago', 'resets 3pm CST', '2026-12-30T21:00:00Z'],
    ['America/Chicago', 'resets 3pm CDT', '2026-12-30T21:00:00Z'],
    ['America/Chicago', 'resets 3pm IST', null],
    ['Pacific/Kiritimati', 'resets 11:00 GMT+14', '2026-12-30T21:00:00Z'],
    ['UTC', 'resets 3pm', '2026-12-31T15:00:00Z'],
  ])('on a machine in %s, %s', (zone, words, time) => {
    expect(read(words, winter, zone)).toBe(expected(time))
  })

  it.each([
    ['an hour that is left out', '2026-03-29T00:00:00Z', 'resets 2:30am', '2026-03-29T01:30:00Z'],
    ['an hour that comes twice, later', '2026-10-24T23:00:00Z', 'resets 2:30am', '2026-10-25T01:30:00Z'],
    ['a day of 23 hours', '2026-03-28T22:00:00Z', 'resets 10pm', '2026-03-29T20:00:00Z'],
  ])('when clocks change: %s', (_, now, words, time) => {
    expect(read(words, now)).toBe(expected(time))
  })

  it('takes a time without a zone for one of this machine', () => {
    const here = new Date(2026, 6, 15, 15, 0).toISOString()
    expect(resetTimeIn('resets 3pm', new Date(2026, 6, 14, 22, 15))).toBe(here)
  })

  it('names no time that is past or more than 31 days ahead, and breaks on no text', () => {
    const pieces = inSummer.flatMap(([words]) => words.split(/(?<= )|(?= )/))
    const limits = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 30 })
    const zones = fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia')
    const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
    const texts = fc.oneof(
      limits.map(parts => parts.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(texts, times, zones, (words, now, zone) => {
        const reset = resetTimeIn(words, now, zone)
        if (reset === null) return
        expect(Date.parse(reset)).toBeGreaterThan(now.getTime())
        expect(Date.parse(reset)).toBeLessThanOrEqual(now.getTime() + 31 * 86_400_000)
      }),
      { numRuns: 200 },
    )
  })

  it.each(['resets ', 'reset at 1', 'wait 1 d ', 'retry in =', 'resets 3pm (', 'again', ' ', '1', '|1'])(
    'is done with a megabyte of %j',
    piece => {
      expect(read(piece.repeat(1_000_000 / piece.length), summer)).not.toBeUndefined()
    },
  )
})
