import { z } from 'zod'
import { failureClasses } from '../core/agent/failure.ts'
import { type AgentId, isAgentId } from '../core/ids.ts'
import type { ReviewedRange } from '../core/judgement/coverage.ts'
import { type AnsweredDilution, dilutionKinds } from '../core/judgement/dilution/dilution.ts'
import { type Attempt, type ProcessIdentity, roles, type Usage } from '../core/work-package/work-package.ts'
import { flippedSetting, strayed } from './seen-beside.ts'

export const count = z.int().nonnegative()
export const agentId = z.custom<AgentId>(value => typeof value === 'string' && isAgentId(value), 'expected an agent id')

const processIdentity: z.ZodType<ProcessIdentity> = z.strictObject({
  pid: z.int().positive(),
  startTime: z.string(),
  bootId: z.string(),
})

const usage: z.ZodType<Usage> = z.strictObject({
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
  costUsd: z.number().nullable(),
})

const failure = z.strictObject({
  class: z.enum(failureClasses),
  detail: z.string(),
  resetAt: z.string().exactOptional(),
})

export const reviewedRange: z.ZodType<ReviewedRange> = z.strictObject({ base: z.string(), head: z.string() })

const dilution = {
  kind: z.enum(dilutionKinds),
  file: z.string(),
  line: count.nullable(),
  excerpt: z.string(),
}

export const answeredDilution: z.ZodType<AnsweredDilution> = z.strictObject({ ...dilution, answer: z.string() })

export const modelUse = {
  configuredModel: z.string().exactOptional(),
  model: z.string().exactOptional(),
  otherModels: z.array(z.string()).exactOptional(),
  cliVersion: z.string().exactOptional(),
}

export const attempt: z.ZodType<Attempt> = z.strictObject({
  number: count,
  role: z.enum(roles),
  cycle: count,
  agent: agentId,
  baseCommit: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  process: processIdentity.nullable(),
  result: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('succeeded') }),
      z.strictObject({ kind: z.literal('failed'), failure }),
      z.strictObject({ kind: z.literal('interrupted') }),
    ])
    .nullable(),
  headCommit: z.string().nullable(),
  usage: usage.nullable(),
  lastWords: z.string().nullable(),
  sessionId: z.string().nullable(),
  resumedSession: z.string().nullable(),
  stash: z.array(z.strictObject({ from: z.string(), commit: z.string(), files: z.array(z.string()) })).exactOptional(),
  strayed: strayed.exactOptional(),
  settings: z.array(flippedSetting).exactOptional(),
  shown: z.array(reviewedRange).exactOptional(),
  asked: z.array(z.enum(['places', 'what-blocks'])).exactOptional(),
  dilutions: z.array(z.strictObject(dilution)).exactOptional(),
  ...modelUse,
  wpModel: z.literal(true).exactOptional(),
})
