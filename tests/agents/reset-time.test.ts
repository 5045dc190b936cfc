import { describe, expect, it } from 'vitest'
import { resetTimeIn } from '../../src/agents/reset-time.ts'

/** A local time: the clock times of the messages are local too. */
const now = new Date(2026, 11, 30, 22, 15)
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

describe('resetTimeIn', () => {
  it.each<[string, Date | null]>([
    ['Claude AI usage limit reached|1750708800', new Date(1750708800_000)],
    ['try again in 3 hours 2 minutes.', new Date(now.getTime() + (3 * 60 + 2) * 60_000)],
    ['try again in 5 days 22 hours 11 minutes.', new Date(now.getTime() + ((5 * 24 + 22) * 60 + 11) * 60_000)],
    ['try again in 1 day.', new Date(now.getTime() + 86_400_000)],
    ['Resets in 45 seconds', new Date(now.getTime() + 45_000)],
    ['try again at 11:08 PM.', new Date(2026, 11, 30, 23, 8)],
    ['try again at 2:08 AM.', new Date(2026, 11, 31, 2, 8)],
    ['resets 3pm', new Date(2026, 11, 31, 15, 0)],
    ['Your limit will reset at 12am', new Date(2026, 11, 31, 0, 0)],
    ['resets 12:30pm', new Date(2026, 11, 31, 12, 30)],
    ['resets at 10:14pm', new Date(now.getTime() + 60_000)],
    ['resets 10:05pm', new Date(2026, 11, 31, 22, 5)],
    ['resets Dec 31, 11:30am', new Date(2026, 11, 31, 11, 30)],
    ['resets Jan 2 at 4pm', new Date(2027, 0, 2, 16, 0)],
    ['try again at Jan 20th, 2027 7:38 AM.', new Date(2027, 0, 20, 7, 38)],
    ['try again at Jan 20, 2027, 7:38 AM.', new Date(2027, 0, 20, 7, 38)],
    [`resets 11pm (${zone})`, new Date(2026, 11, 30, 23, 0)],
    ['resets 11pm (Antarctica/Troll)', null],
    ['try again at 10 de jul. de 2027, 11:52.', null],
    ['try again later.', null],
    ['it resets nothing', null],
    ['', null],
  ])('%s', (words, expected) => {
    expect(resetTimeIn(words, now)).toBe(expected?.toISOString() ?? null)
  })
})
