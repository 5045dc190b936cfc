import { parseEnvelope } from './schema.ts'

/** Two versions of a record that differ by their signatures become one that has all of them. Otherwise ours stays. */
export function combined(ours: string, theirs: string): string {
  const [own, their] = [parseEnvelope(ours), parseEnvelope(theirs)]
  if (!own.ok || !their.ok || own.value.payload !== their.value.payload) return ours
  const { signatures } = own.value
  const more = their.value.signatures.filter(({ sig }) => !signatures.some(other => other.sig === sig))
  return `${JSON.stringify({ ...own.value, signatures: [...signatures, ...more] }, null, 2)}\n`
}
