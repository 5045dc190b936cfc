import { z } from 'zod'
import { type NextCommand, parseNextLine } from '../../core/next-command.ts'

/** One entry of `next` in a state file or a journal; older versions wrote a text. */
export const storedNext: z.ZodType<NextCommand> = z.union([
  z.strictObject({ command: z.string(), why: z.string() }),
  z.string().transform(parseNextLine),
])
