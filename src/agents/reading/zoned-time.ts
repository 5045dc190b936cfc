/** A local time; `month` is 1 to 12. */
export interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** The offset of a zone from UTC at a moment; both in milliseconds. */
export type Zone = (at: number) => number

const dayMs = 86_400_000

/**
 * Abbreviations with one meaning in messages of these CLIs, in hours east of UTC. CST (Chicago, Shanghai, Havana), IST
 * (Kolkata, Jerusalem, Dublin), BST (London, Dhaka) and AST (Halifax, Riyadh) are ambiguous, unless this machine's zone
 * has that name.
 */
const abbreviations: Readonly<Record<string, number>> = {
  ...{ UTC: 0, GMT: 0, Z: 0, WET: 0, WEST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3 },
  ...{ PST: -8, PDT: -7, MST: -7, MDT: -6, CDT: -5, EST: -5, EDT: -4 },
  ...{ SGT: 8, HKT: 8, JST: 9, KST: 9, AEST: 10, AEDT: 11, NZST: 12, NZDT: 13 },
}

const clockFields: Intl.DateTimeFormatOptions = {
  hourCycle: 'h23',
  ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
  ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
}

/** The zone with this IANA name; null: there is none. */
export function zoneNamed(name: string): Zone | null {
  try {
    const clock = new Intl.DateTimeFormat('en-US', { ...clockFields, timeZone: name })
    return at => {
      const parts = clock.formatToParts(at)
      const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find(other => other.type === type)?.value)
      const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
      return shown - Math.floor(at / 1000) * 1000
    }
  } catch {
    return null
  }
}

/**
 * The zone named after a time: `America/Recife`, `UTC`, `GMT-3`, `+05:30`, `PST`, or the abbreviation that the zone
 * `local` has around `now`; null: ambiguous.
 */
export function zoneCalled(name: string, local: string, now: number): Zone | null {
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(name)
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0)
    return minutes <= 14 * 60 ? fixed(offset[1] === '-' ? -minutes : minutes) : null
  }
  if (name.includes('/')) return zoneNamed(name)
  if ([now, now + dayMs * 182].some(at => shortName(local, at) === name)) return zoneNamed(local)
  const upper = name.toUpperCase()
  const hours = Object.hasOwn(abbreviations, upper) ? abbreviations[upper] : undefined
  return hours === undefined ? null : fixed(hours * 60)
}

function fixed(minutes: number): Zone {
  return () => minutes * 60_000
}

/** The local time in the zone at a moment in milliseconds since the epoch. */
export function wallTime(at: number, zone: Zone): WallTime {
  const shown = new Date(at + zone(at))
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  }
}

/**
 * The moment of a local time in the zone, in milliseconds since the epoch; null: no such date. A time that occurs
 * twice, when clocks go back, is the later one. A time that is skipped counts with the offset before clocks went
 * forward.
 */
export function momentOf(wall: WallTime, zone: Zone): number | null {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second)
  const day = new Date(asUtc)
  const exists = day.getUTCMonth() + 1 === wall.month && day.getUTCDate() === wall.day
  if (!exists || wall.hour > 23 || wall.minute > 59 || wall.second > 59) return null
  const candidates = [asUtc - dayMs, asUtc + dayMs].map(near => asUtc - zone(near))
  const right = candidates.filter(at => at + zone(at) === asUtc)
  return Math.max(...(right.length > 0 ? right : candidates))
}

function shortName(zone: string, at: number): string | undefined {
  const names = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' }).formatToParts(at)
  return names.find(({ type }) => type === 'timeZoneName')?.value
}
