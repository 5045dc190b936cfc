import { z } from 'zod'

const frame = {
  contract_version: z.string(),
  command: z.string(),
  timestamp: z.string(),
  correlation_id: z.string(),
  data: z.record(z.string(), z.unknown()),
}

/** The frame of every answer of `orchestrator-api`; the same seven keys in all versions. */
export const envelopeSchema = z.discriminatedUnion('success', [
  z.object({ ...frame, success: z.literal(true), error_code: z.null() }),
  z.object({ ...frame, success: z.literal(false), error_code: z.string().min(1) }),
])

export type Envelope = z.infer<typeof envelopeSchema>

export type EnvelopeReading =
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
  /** stdout contains no JSON. */
  | { readonly kind: 'none' }
  /** JSON, but not a valid answer; `problem` names the fields by their path. */
  | { readonly kind: 'invalid'; readonly problem: string }

/**
 * The envelope is the last non-empty line: merge-mission prints git's "Deleted branch …" lines before it,
 * start-implementation a "WARNING: …". Nothing is stripped, so a byte order mark or a second document on that line
 * makes it invalid.
 */
export function readEnvelope(stdout: string): EnvelopeReading {
  const lines = stdout.split('\n').filter(line => /\S/.test(line))
  const last = parseJson(lines.at(-1) ?? '')
  if (last === undefined) return { kind: 'none' }
  if (lines.slice(0, -1).some(isEnvelope)) return { kind: 'invalid', problem: 'two answers' }
  const parsed = envelopeSchema.safeParse(last)
  if (!parsed.success) return { kind: 'invalid', problem: problems(parsed.error) }
  return { kind: 'envelope', envelope: parsed.data }
}

/** All problems on one line: `✖ Invalid input: expected string → at data.work_packages[0].lane`. */
export function problems(error: z.ZodError): string {
  return z.prettifyError(error).replace(/\s*\n\s*/g, ' ')
}

function isEnvelope(line: string): boolean {
  return line.includes('"correlation_id"') && envelopeSchema.safeParse(parseJson(line)).success
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
