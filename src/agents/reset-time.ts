const units = { day: 86_400, hour: 3600, minute: 60, second: 1 }
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** A reset that is due this minute is given a minute; one that is longer past belongs to the next day. */
const justPastMs = 5 * 60_000
const soonMs = 60_000

/**
 * When a limit ends, ISO 8601, from the words of a limit message; null where they do not say.
 *
 * Forms that are known: `…reached|1750708800` (epoch seconds), `try again in 5 days 22 hours 11 minutes`,
 * `try again at 2:08 AM`, `try again at Aug 20th, 2026 7:38 AM`, `resets 3pm`, `resets Apr 23 at 4pm (America/Recife)`.
 * Clock times are this machine's; one in another time zone is not guessed at.
 */
export function resetTimeIn(words: string, now: Date): string | null {
  const epoch = /\|(\d{10})\b/.exec(words)?.[1]
  if (epoch) return new Date(Number(epoch) * 1000).toISOString()
  return relative(words, now) ?? clockTime(words, now)
}

function relative(words: string, now: Date): string | null {
  const list = /\b(?:again|resets?) in ((?:\d{1,4} (?:day|hour|minute|second)s?[ ,]*(?:and )?)+)/i.exec(words)?.[1]
  if (!list) return null
  let seconds = 0
  for (const [unit, size] of Object.entries(units)) {
    seconds += size * Number(new RegExp(`(\\d+) ${unit}`, 'i').exec(list)?.[1] ?? 0)
  }
  return new Date(now.getTime() + seconds * 1000).toISOString()
}

function clockTime(words: string, now: Date): string | null {
  const found =
    /\b(?:again at|resets?(?: at)?) (?:([A-Z][a-z]{2})[a-z]* (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}),?)?(?: at)? )?(\d{1,2})(?::(\d{2}))? ?([ap]m)(?: \(([\w/+-]+)\))?/i.exec(
      words,
    )
  if (!found) return null
  const [, monthName, day, year, hour, minute, half, zone] = found
  if (zone && zone !== Intl.DateTimeFormat().resolvedOptions().timeZone) return null
  const reset = new Date(now)
  const hours = (Number(hour) % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0)
  reset.setHours(hours, Number(minute ?? 0), 0, 0)
  if (monthName) {
    const month = months.indexOf(monthName.toLowerCase())
    if (month < 0) return null
    reset.setFullYear(year ? Number(year) : now.getFullYear(), month, Number(day))
    if (!year && reset.getTime() < now.getTime() - 180 * 86_400_000) reset.setFullYear(now.getFullYear() + 1)
  } else if (reset.getTime() < now.getTime() - justPastMs) {
    reset.setDate(reset.getDate() + 1)
  }
  return new Date(Math.max(reset.getTime(), now.getTime() + soonMs)).toISOString()
}
