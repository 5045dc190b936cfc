import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { failureClasses } from '../../src/core/agent/failure.ts'
import type { AgentOutput } from '../../src/run/attempts/agent.ts'

const root = join(import.meta.dirname, '../../fixtures/agents')

/** When every recorded run ended, for limits that state a time. */
const endedAt = new Date(2026, 3, 20, 16, 30)

/** `expected.json` of a transcript: how it ended, and what `read` must make of it. What is not given is not compared. */
const expected = z.strictObject({
  role: z.enum(['implementation', 'review']),
  /** null: ended by a signal */
  exitCode: z.int().nullable(),
  /** The beginning of stdout is missing. */
  cut: z.boolean().default(false),
  outcome: z.enum(['ok', ...failureClasses]),
  /** Of a report that is ok: what the one reader of verdicts makes of it. */
  verdict: z.enum(['approved', 'changes_requested', 'none']).optional(),
  text: z.string().optional(),
  sessionId: z.string().nullable().optional(),
  usage: z
    .strictObject({
      inputTokens: z.number().nullable(),
      outputTokens: z.number().nullable(),
      costUsd: z.number().nullable(),
    })
    .nullable()
    .optional(),
  /** ISO 8601; without an offset it is this machine's time. */
  resetAt: z.string().nullable().optional(),
})

export type Expected = z.infer<typeof expected>

export function transcriptNames(agent: string): readonly string[] {
  const folder = join(root, agent)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

export function expectedOf(agent: string, name: string): Expected {
  return expected.parse(JSON.parse(readFileSync(join(root, agent, name, 'expected.json'), 'utf8')))
}

/** A run as it was recorded; `result` is what the CLI wrote to its result file, `head` the beginning of a cut stdout. */
export function transcript(agent: string, name: string): AgentOutput {
  const file = (part: string) => join(root, agent, name, part)
  const { role, exitCode, cut } = expectedOf(agent, name)
  const stdout = readFileSync(file('stdout'), 'utf8')
  return {
    role,
    exitCode,
    stdout,
    head: cut ? (optional(file('head')) ?? '') : stdout.slice(0, 16 * 1024),
    cut,
    stderr: readFileSync(file('stderr'), 'utf8'),
    resultFile: optional(file('result')),
    endedAt: endedAt.getTime(),
  }
}

function optional(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

const invocations = z.array(
  z.strictObject({
    role: z.enum(['implementation', 'review']),
    /** What of the settings is not given is empty. */
    settings: z.strictObject({
      model: z.string().nullable().default(null),
      args: z.array(z.string()).default([]),
      env: z.record(z.string(), z.string()).default({}),
    }),
    /** The session to resume. */
    resumeSession: z.string().nullable().default(null),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    /** Path -> content. */
    files: z.record(z.string(), z.string()).default({}),
    resultFile: z.string().optional(),
    /** The session, where we name it. */
    session: z.string().optional(),
    policy: z.strictObject({
      approval_mode: z.string(),
      sandbox_mode: z.string(),
      network_mode: z.string(),
      dangerous_flags: z.array(z.string()),
      tool_restrictions: z.string().nullable(),
    }),
  }),
)

/** `commands.json` of an agent: what is run for a role and settings. `{prefix}` and `{schema}` stand for the obvious. */
export function commandsOf(agent: string, prefix: string, schema: string): z.infer<typeof invocations> {
  const text = readFileSync(join(root, agent, 'commands.json'), 'utf8')
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll('{prefix}', prefix).replaceAll('{schema}', schema)
    if (Array.isArray(value)) return value.map(filled)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [filled(key), filled(inner)]))
  }
  return invocations.parse(filled(JSON.parse(text)))
}
