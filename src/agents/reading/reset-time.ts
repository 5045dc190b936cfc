import { momentOf, type WallTime, wallTime, type Zone, zoneCalled, zoneNamed } from './zoned-time.ts'

/** Words that precede a time in a message: `try again`, `resets`, `retryDelay`, `please wait`. */
const anchor = /\b(?:try again|retry(?:[-_ ]?after|[-_]?delay)?|resets?(?:_?at|_?in(?:_seconds)?)?|wait|available)\b/gi
const glue = /(?:["'\s:=~·]|(?:in|at|on|after|by|until|again|about|around|approximately|for|less than)\b){0,16}/iy

const unitMs: Readonly<Record<string, number>> = {
  ...{ millisecond: 1, ms: 1, second: 1e3, sec: 1e3, s: 1e3, minute: 6e4, min: 6e4, m: 6e4 },
  ...{ hour: 36e5, hr: 36e5, h: 36e5, day: 864e5, d: 864e5, week: 6048e5, w: 6048e5 },
}
const span =
  /(\d{1,7}(?:\.\d{1,9})?|(?:an?|one)\b) ?\s?(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])[\s,]{0,3}(?:and\s)?/iy
const bareSeconds = /(\d{1,7})(?![\w:/-]|\.\d)/y
const epoch = /(\d{10})(\d{3})?(?![\d.])/y
/** Claude Code's oldest form has no such word: `Claude AI usage limit reached|1750708800`. */
const epochBehindBar = /\|(\d{10})(?!\d)/

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const isoDate = /(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?![\d-])[T ]?/y
const monthDay =
  /(?<month>[a-z]{3})[a-z]{0,6}\.? (?<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,? (?<year>\d{4})(?![\d:]))?/iy
const dayMonth = /(?<day>\d{1,2}) (?<month>[a-z]{3})[a-z]{0,6}\.?(?:,? (?<year>\d{4})(?![\d:]))?/iy
const beforeTime = /,? ?(?:at )?/y
const time = /(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:\.\d{1,9})?)?(?: ?([ap])\.?m\b\.?)?/iy
const zoneBehind =
  / ?(?:\(([^()]{1,40})\)|([A-Z][A-Za-z_]{1,20}(?:\/[\w+-]{1,30}){1,2}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|utc|gmt|Z|[A-Z]{2,4}T)(?![\w/]))/y

/** How much of a message is searched; a limit is stated in one or two sentences. */
const longestWords = 10_000
const mostPlaces = 20
/** A reset time this shortly past still counts, and gets another minute. An older one is ignored. */
const justPastMs = 5 * 60_000
const soonMs = 60_000
/** Plans renew at least monthly, so a later time was misread, or is not worth waiting for. */
const furthestMs = 31 * 86_400_000

/**
 * When a limit ends (ISO 8601), according to a limit message: after `now`, within 31 days. Null if the message does not
 * say, or uses an ambiguous time zone. A clock time without a zone is in this machine's zone.
 */
export function resetTimeIn(
  words: string,
  now: Date,
  local = Intl.DateTimeFormat().resolvedOptions().timeZone,
): string | null {
  const text = words.slice(0, longestWords)
  const context = { now: now.getTime(), local, here: zoneNamed(local) }
  const behindBar = epochBehindBar.exec(text)?.[1]
  const moments = [
    behindBar ? Number(behindBar) * 1000 : null,
    ...[...text.matchAll(anchor)].slice(0, mostPlaces).map(found => statedBehind(text, found, context)),
  ]
  const believed = moments.map(moment => believable(moment, context.now)).find(moment => moment !== null)
  return believed === undefined ? null : new Date(believed).toISOString()
}

interface Context {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly local: string
  readonly here: Zone | null
}

function believable(moment: number | null, now: number): number | null {
  if (moment === null || moment < now - justPastMs || moment > now + furthestMs) return null
  return moment > now ? moment : now + soonMs
}

function statedBehind(text: string, found: RegExpExecArray, context: Context): number | null {
  const start = found.index + found[0].length
  const at = start + (matchAt(glue, text, start)?.[0].length ?? 0)
  const stamp = matchAt(epoch, text, at)
  if (stamp) return Number(stamp[1]) * 1000
  return durationAt(text, at, /(?:after|seconds)$/i.test(found[0]), context) ?? clockTimeAt(text, at, context)
}

/**
 * `5 days 22 hours 11 minutes`, `21h13m38s`, `34.07s`, `2hr 5min`, `an hour`; plain seconds if the field name says so.
 */
function durationAt(text: string, from: number, plainSeconds: boolean, { now }: Context): number | null {
  let at = from
  let total = 0
  for (let part = matchAt(span, text, at); part; part = matchAt(span, text, at)) {
    const [whole, amount, unit = ''] = part
    const perUnit = unitMs[unit.toLowerCase()] ?? unitMs[unit.toLowerCase().slice(0, -1)] ?? 0
    total += (Number.isNaN(Number(amount)) ? 1 : Number(amount)) * perUnit
    at += whole.length
  }
  if (total > 0) return now + Math.ceil(total)
  const plain = plainSeconds ? matchAt(bareSeconds, text, from)?.[1] : undefined
  return plain ? now + Number(plain) * 1000 : null
}

/** A date, a time, or both. If a part is missing, the next possible moment is meant. */
function clockTimeAt(text: string, from: number, context: Context): number | null {
  const date = matchAt(isoDate, text, from) ?? matchAt(monthDay, text, from) ?? matchAt(dayMonth, text, from)
  const behindDate = from + (date?.[0].length ?? 0)
  const timeFrom = date ? behindDate + (matchAt(beforeTime, text, behindDate)?.[0].length ?? 0) : from
  const found = matchAt(time, text, timeFrom)
  const clock = found ? timeOfDay(found) : null
  if (!date && !clock) return null
  const zone = zoneAt(text, clock && found ? timeFrom + found[0].length : behindDate, context)
  if (zone === null) return null
  const timeOfReset = clock ?? { hour: 0, minute: 0, second: 0 }
  const moments = daysMeant(date?.groups, zone, context).map(day => momentOf({ ...day, ...timeOfReset }, zone))
  return moments.find(moment => moment !== null && moment >= context.now - justPastMs) ?? null
}

type Groups = Readonly<Record<string, string | undefined>> | undefined

type Day = Pick<WallTime, 'year' | 'month' | 'day'>

const utc: Zone = () => 0

/** In order of time. */
function daysMeant(date: Groups, zone: Zone, { now }: Context): readonly Day[] {
  const today = wallTime(now, zone)
  if (!date) return [today, wallTime(Date.UTC(today.year, today.month - 1, today.day + 1), utc)]
  const { year, month = '', day } = date
  const named = months.indexOf(month.toLowerCase())
  const years = year ? [Number(year)] : [today.year, today.year + 1]
  return years.map(year => ({ year, month: named < 0 ? Number(month) : named + 1, day: Number(day) }))
}

/** null: not a time of day, because minutes or `am` and `pm` are missing. */
function timeOfDay([, hour, minute, second, half]: readonly (string | undefined)[]): Omit<WallTime, keyof Day> | null {
  const hours = Number(hour)
  if (half ? hours < 1 || hours > 12 : minute === undefined) return null
  const afternoon = half?.toLowerCase() === 'p' ? 12 : 0
  return { hour: half ? (hours % 12) + afternoon : hours, minute: Number(minute ?? 0), second: Number(second ?? 0) }
}

/** Defaults to this machine's zone, as the CLIs print it; null: the zone is ambiguous. */
function zoneAt(text: string, at: number, { now, local, here }: Context): Zone | null {
  const found = matchAt(zoneBehind, text, at)
  return found ? zoneCalled(found[1] ?? found[2] ?? '', local, now) : here
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  const sticky = new RegExp(pattern)
  sticky.lastIndex = at
  return sticky.exec(text)
}
