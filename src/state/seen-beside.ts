import { z } from 'zod'
import type { FlippedSetting } from '../core/repository/flipped-setting.ts'
import type { Strayed } from '../core/repository/strayed.ts'

/** Changes outside the worktree during an attempt, as stored in the state file. */
export const flippedSetting: z.ZodType<FlippedSetting> = z.strictObject({
  key: z.string(),
  was: z.string().nullable(),
  is: z.string().nullable(),
  cure: z.string(),
})

export const strayed: z.ZodType<Strayed> = z.strictObject({
  main: z.string(),
  files: z.array(z.string()).readonly(),
  refs: z.array(z.string()).readonly(),
  alone: z.boolean(),
  kept: z.string().nullable(),
  moved: z.strictObject({ from: z.string(), to: z.string() }).exactOptional(),
})
