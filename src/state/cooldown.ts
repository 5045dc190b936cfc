import { z } from 'zod'
import { failureClasses } from '../core/agent/failure.ts'
import type { Cooldown } from '../run/ports.ts'

const count = z.int().nonnegative()

export const cooldown: z.ZodType<Cooldown> = z.strictObject({
  until: z.string(),
  class: z.enum(failureClasses),
  reason: z.string(),
  count,
  // Missing in files from before this field.
  waitedMs: z.number().nonnegative().default(0),
})
