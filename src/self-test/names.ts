/** An object name, full or abbreviated, in either hash format. */
const objectName = /\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{7,39})\b/g

/**
 * Replaces object names by numbers in order of appearance, and removes the folder. Commit names depend on the clock,
 * and a sha256 repository has other names. An abbreviated name keeps its length.
 */
export function withNames(seen: Readonly<Record<string, unknown>>, folder: string): Readonly<Record<string, unknown>> {
  const known = [...namesIn(seen, new Set())]
  const numbers = new Map(known.map((name, index) => [name, index + 1]))
  const rename = (text: string) =>
    text.replaceAll(folder, '<folder>').replace(objectName, name => {
      const whole = numbers.has(name) ? name : known.find(other => other.startsWith(name))
      if (whole === undefined) return name
      return `<object ${numbers.get(whole)}${whole === name ? '' : `, ${name.length} characters`}>`
    })
  return mapEntries(seen, rename)
}

function namesIn(value: unknown, found: Set<string>): Set<string> {
  if (typeof value === 'string') {
    for (const [name] of value.matchAll(objectName)) if (name.length >= 40) found.add(name)
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) namesIn(part, found)
  }
  return found
}

function mapEntries(record: object, change: (text: string) => string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [change(key), mapText(value, change)]))
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map(part => mapText(part, change))
  return typeof value === 'object' && value !== null ? mapEntries(value, change) : value
}
