import * as z from 'zod'
import { parseJson } from '../core/json.ts'
import { dilutionKinds } from '../core/judgement/dilution/dilution.ts'
import { type Envelope, payloadType } from '../core/record/envelope.ts'
import type { ReviewRecord } from '../core/record/review-record.ts'
import { predicateType, type Statement, statementType } from '../core/record/statement.ts'

const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'expected a git object id')
const time = z.iso.datetime({ offset: true })
const range = z.strictObject({ base: commit, head: commit })
const check = z.strictObject({ command: z.string(), exitCode: z.int().nullable() })
const text = z.string().nullable()

const agent = z.strictObject({ agent: z.string(), version: text, model: text, configuredModel: text })

const finding = z.strictObject({
  severity: z.enum(['high', 'medium', 'low']),
  file: text,
  line: z.int().nullable(),
  problem: z.string(),
  change: text,
})

const dilution = z.strictObject({
  kind: z.enum(dilutionKinds),
  file: z.string(),
  line: z.int().nullable(),
  answer: z.string(),
})

const judgement = z.strictObject({
  workPackage: z.string(),
  reference: z.string(),
  commit,
  ranges: z.array(range),
  verdict: z.enum(['approved', 'changes_requested']),
  answered: z.enum(['approved', 'changes_requested']),
  summary: z.string(),
  findings: z.array(finding),
  reviewer: agent,
  implementers: z.array(agent),
  dilutions: z.array(dilution).exactOptional(),
  checks: z.array(check),
})

const reviewRecord = z.strictObject({
  sko: z.strictObject({ version: z.string() }),
  run: z.strictObject({ id: z.string(), startedAt: time, recordedAt: time }),
  mission: z.strictObject({ slug: z.string(), id: text }),
  target: z.strictObject({
    branch: text,
    before: commit.nullable(),
    after: commit,
    strategy: z.enum(['merge', 'squash', 'rebase']).nullable(),
  }),
  lanes: z.array(z.strictObject({ branch: z.string(), head: commit, workPackages: z.array(z.string()) })),
  judgements: z.array(judgement),
  confirmations: z.array(z.strictObject({ workPackage: z.string(), commit, at: time, reason: text })),
  given: z.array(z.strictObject({ workPackage: z.string(), head: commit.nullable() })),
  checks: z.array(check),
  configuration: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex') }),
}) satisfies z.ZodType<ReviewRecord>

/** Of the payload. `docs/review-record.schema.json` is made from it. */
export const statementSchema = z.strictObject({
  _type: z.literal(statementType),
  subject: z.tuple([
    z.strictObject({ name: z.string(), digest: z.strictObject({ gitCommit: commit }) }),
    z.strictObject({ name: z.string(), digest: z.strictObject({ gitTree: commit }) }),
  ]),
  predicateType: z.literal(predicateType),
  predicate: reviewRecord,
}) satisfies z.ZodType<Statement>

const base64 = z.base64()

const envelopeSchema = z.strictObject({
  payloadType: z.literal(payloadType),
  payload: base64,
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: base64 })),
}) satisfies z.ZodType<Envelope>

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

export function parseEnvelope(content: string): Parsed<Envelope> {
  return parseBy(envelopeSchema, content, 'the envelope')
}

export function parseStatement({ payload }: Envelope): Parsed<Statement> {
  return parseBy(statementSchema, Buffer.from(payload, 'base64').toString(), 'the statement')
}

/** Strict: a field that is not known might change what the rest means. */
function parseBy<T>(schema: z.ZodType<T>, content: string, name: string): Parsed<T> {
  const parsed = schema.safeParse(parseJson(content))
  if (parsed.success) return { ok: true, value: parsed.data }
  const [issue] = parsed.error.issues
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  return { ok: false, why: `${name} is not as documented${place}: ${issue?.message ?? 'it is no JSON'}` }
}
