import { isRecord } from '../json.ts'

/** JSON as RFC 8785 has it (sorted keys, no white space), so that the same value always has the same bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(entry => canonicalJson(entry ?? null)).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`
}

/** Of a configuration, what a record may be made from: variables of agents can hold secrets, so only their names. */
export function withoutEnvValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEnvValues)
  if (!isRecord(value)) return value
  const fields = Object.entries(value).map(([key, entry]) => [
    key,
    key === 'env' && isRecord(entry) ? Object.keys(entry).toSorted() : withoutEnvValues(entry),
  ])
  return Object.fromEntries(fields)
}
