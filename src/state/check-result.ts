import { z } from 'zod'
import type { CheckResult } from '../core/gate/check-result.ts'
import { isWpId, type WpId } from '../core/ids.ts'

export const checkResult: z.ZodType<CheckResult> = z.strictObject({
  command: z.string(),
  exitCode: z.int().nullable(),
  stopped: z.string().exactOptional(),
  output: z.string(),
  log: z.string().nullable(),
  reason: z.string().exactOptional(),
  cures: z.array(z.string()).exactOptional(),
  withBase: z.strictObject({ commit: z.string(), files: z.array(z.string()), more: z.int() }).exactOptional(),
})

const wpId = z.custom<WpId>(value => typeof value === 'string' && isWpId(value), 'expected a work package id')

export const combinedFeedback = z.strictObject({
  kind: z.literal('combined'),
  others: z.array(z.strictObject({ commit: z.string(), branch: z.string(), wpIds: z.array(wpId) })),
  conflicts: z.array(z.string()),
  results: z.array(checkResult),
})
