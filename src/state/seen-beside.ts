import { z } from 'zod'
import type { FlippedSetting } from '../core/repository/flipped-setting.ts'
import type { Strayed } from '../core/repository/strayed.ts'

/** What changed outside its worktree while an attempt ran, as the state file has it. */
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
