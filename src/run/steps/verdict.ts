import * as z from 'zod'
import { closingObject, keysOf } from '../../core/judgement/closing-object.ts'
import type { Answer } from '../../core/judgement/dilution/questions.ts'
import type { Verdict } from '../../core/judgement/review.ts'
import { oneLine } from '../../core/text.ts'

/** The requested shape: all properties are required and no others allowed, as strict JSON schemas of APIs demand. */
const askedVerdict = z.strictObject({
  verdict: z.enum(['approved', 'changes_requested']),
  summary: z.string(),
  findings: z.array(
    z.strictObject({
      severity: z.enum(['high', 'medium', 'low']),
      file: z.string().nullable(),
      line: z.int().nullable(),
      problem: z.string(),
      change: z.string().nullable(),
    }),
  ),
  checks: z.array(z.strictObject({ command: z.string(), exitCode: z.int(), observed: z.string() })),
  earlier: z.array(
    z.strictObject({
      number: z.int(),
      state: z.enum(['fixed', 'open', 'withdrawn']),
      file: z.string().nullable(),
      line: z.int().nullable(),
      note: z.string().nullable(),
    }),
  ),
  answers: z.array(z.strictObject({ question: z.string(), answer: z.string() })),
})

/** As JSON, for `--json-schema`, `--output-schema` and the prompt. Bounds of numbers are left out: not every API takes them. */
export function verdictJsonSchema(): string {
  const { $schema: _, ...schema } = z.toJSONSchema(askedVerdict, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.minimum
      delete jsonSchema.maximum
    },
  })
  return JSON.stringify(schema)
}

/** The accepted shape: properties that may be empty may also be absent. A wrong type is not accepted. */
const givenVerdict = z.object({
  verdict: z.enum(['approved', 'changes_requested']),
  summary: z.string().default(''),
  findings: z
    .array(
      z.object({
        severity: z.enum(['high', 'medium', 'low']),
        file: z.string().nullable().default(null),
        line: z.int().nullable().default(null),
        problem: z.string(),
        change: z.string().nullable().default(null),
      }),
    )
    .default([]),
  checks: z.array(z.object({ command: z.string(), exitCode: z.int(), observed: z.string() })).default([]),
  earlier: z
    .array(
      z.object({
        number: z.int(),
        state: z.enum(['fixed', 'open', 'withdrawn']),
        file: z.string().nullable().default(null),
        line: z.int().nullable().default(null),
        note: z.string().nullable().default(null),
      }),
    )
    .exactOptional(),
  answers: z.array(z.object({ question: z.string(), answer: z.string() })).default([]),
})

export type VerdictReading =
  | { readonly ok: true; readonly verdict: Verdict; readonly answers: readonly Answer[] }
  | { readonly ok: false; readonly reason: string }

/**
 * The only reader of verdicts. It fails closed: anything but exactly one clear, consistent verdict is none, and the
 * reason starts with `no verdict`. Words such as "APPROVED" do not count.
 *
 * In text, the verdict must be the last thing and the only verdict. An object that is followed by words, is inside
 * something, or follows another verdict may be a quote that an implementer has planted.
 */
export function readVerdict(report: { readonly text: string; readonly structured: unknown }): VerdictReading {
  if (report.structured !== null && report.structured !== undefined) return judge(report.structured)
  const last = closingObject(report.text)
  if (!last.ok) return none(last.reason)
  const verdicts = keysOf(last.value).filter(key => key === 'verdict').length
  if (verdicts === 0) return none('the JSON object that ends the answer has no "verdict"')
  if (verdicts > 1 || !Object.hasOwn(last.value, 'verdict')) return none('a "verdict" is inside another object')
  /** Without a repetition: some agents print their last message twice. */
  const earlier = last.before.trimEnd()
  const before = earlier.endsWith(last.source) ? earlier.slice(0, -last.source.length) : earlier
  if (verdictKey.test(unescaped(before))) return none('the answer has another verdict before the one that ends it')
  if (isInsideBraces(before)) return none('the object that ends the answer is inside something unfinished')
  return judge(last.value)
}

/** `verdict` as a key with any quotes, also in a broken object. */
const verdictKey = /(?:["'`“”‘’]|[{,]\s*)verdict(?:\\|["'`“”‘’])*\s*[:=]/i

/** With `\u0076` read as `v`. */
function unescaped(text: string): string {
  return text.replace(/\\u00([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}

function isInsideBraces(before: string): boolean {
  let depth = 0
  for (const brace of before.match(/[{}]/g) ?? []) depth = brace === '{' ? depth + 1 : Math.max(0, depth - 1)
  return depth > 0
}

function judge(value: unknown): VerdictReading {
  const parsed = givenVerdict.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = z.core.toDotPath(issue?.path ?? [])
    return none(`${path ? `${path}: ` : ''}${issue?.message ?? 'wrong shape'}`)
  }
  const { answers, ...verdict } = parsed.data
  const { findings, summary } = verdict
  if (verdict.verdict === 'approved') {
    const high = findings.find(finding => finding.severity === 'high')
    return high ? none(`approved with a finding of high severity: ${high.problem}`) : { ok: true, verdict, answers }
  }
  if (findings.length > 0 || verdict.earlier?.some(({ state }) => state === 'open'))
    return { ok: true, verdict, answers }
  if (summary.trim() === '') return none('changes requested without a finding or a summary: nothing to act on')
  const made = { severity: 'medium', file: null, line: null, problem: summary, change: null } as const
  return { ok: true, verdict: { ...verdict, findings: [made] }, answers }
}

function none(reason: string): VerdictReading {
  return { ok: false, reason: oneLine(`no verdict: ${reason}`) }
}
