import * as z from 'zod'
import type { Verdict } from '../core/review.ts'
import { oneLine } from '../core/text.ts'
import { jsonObjectsIn } from './json-objects.ts'
import { isRecord } from './output.ts'

/** What is asked for: every property required and nothing else allowed, as a strict JSON schema of an API demands. */
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
})

/** For `--json-schema`, `--output-schema` and the prompt. Bounds of numbers are left out: not every API takes them. */
export const verdictJsonSchema: Readonly<Record<string, unknown>> = withoutDialect(
  z.toJSONSchema(askedVerdict, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.minimum
      delete jsonSchema.maximum
    },
  }),
)

function withoutDialect({ $schema: _, ...schema }: Readonly<Record<string, unknown>>) {
  return schema
}

/** What is understood: where the verdict itself is clear, what may be empty may also be absent. A wrong type is not. */
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
})

export type VerdictReading =
  | { readonly ok: true; readonly verdict: Verdict }
  | { readonly ok: false; readonly reason: string }

/**
 * The one reader of verdicts. It fails closed: whatever is not exactly one clear, consistent verdict is none, and the
 * reason begins with `no verdict`. Words such as "APPROVED" are never looked for.
 */
export function readVerdict(report: { readonly text: string; readonly structured: unknown }): VerdictReading {
  if (report.structured !== null && report.structured !== undefined) return judge(report.structured)
  const scan = jsonObjectsIn(report.text)
  if (scan.tangled) return none('the answer has too many unclosed braces to be read')
  const candidates = scan.objects.filter(({ value }) => Object.hasOwn(value, 'verdict'))
  if (candidates.some(({ source }) => hasTwoVerdictKeys(source))) return none('an object says "verdict" twice')
  const readings = candidates.map(({ value }) => judge(value))
  const broken = readings.find(reading => !reading.ok)
  if (broken) return broken
  const different = new Set(readings.map(reading => JSON.stringify(reading)))
  if (different.size > 1) return none('the answer holds two verdicts that differ')
  const last = candidates.at(-1)
  if (last && !closesAnswer.test(scan.text.slice(last.end))) return none('the answer goes on after the verdict')
  return readings[0] ?? none('the answer holds no JSON object with a "verdict"')
}

/**
 * The verdict is the end of the answer: an object that is followed by words may be one that the reviewer only quotes,
 * and an implementer could have planted it.
 */
const closesAnswer = /^\s*(?:`{3,}|~{3,})?\s*$/

function judge(value: unknown): VerdictReading {
  const parsed = givenVerdict.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = z.core.toDotPath(issue?.path ?? [])
    return none(`${path ? `${path}: ` : ''}${issue?.message ?? 'wrong shape'}`)
  }
  const verdict = parsed.data
  const { findings, summary } = verdict
  if (verdict.verdict === 'approved') {
    const high = findings.find(finding => finding.severity === 'high')
    return high ? none(`approved with a finding of high severity: ${high.problem}`) : { ok: true, verdict }
  }
  if (findings.length > 0) return { ok: true, verdict }
  if (summary.trim() === '') return none('changes requested without a finding or a summary: nothing to act on')
  const made = { severity: 'medium', file: null, line: null, problem: summary, change: null } as const
  return { ok: true, verdict: { ...verdict, findings: [made] } }
}

/** `JSON.parse` silently keeps the last of two equal keys; written out again, the object then has fewer of them. */
function hasTwoVerdictKeys(source: string): boolean {
  const count = (json: string) => json.match(/"verdict"\s*:/g)?.length ?? 0
  const value: unknown = JSON.parse(source)
  return isRecord(value) && count(source) > count(JSON.stringify(value))
}

function none(reason: string): VerdictReading {
  return { ok: false, reason: oneLine(`no verdict: ${reason}`) }
}
