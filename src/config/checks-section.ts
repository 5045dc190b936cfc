import * as z from 'zod'
import { shellCommand } from './values.ts'

const listOrMapping = 'expected a list of commands, or a mapping with run, protect and also_base'

const checksMapping = z.strictObject(
  {
    run: z
      .array(shellCommand)
      .max(50)
      .default([])
      .describe('Shell commands, run one after the other in the lane worktree between implementation and review'),
    protect: z
      .array(z.string().max(1000).refine(isPattern, 'expected a path or a glob in the repository'))
      .max(200)
      .default([])
      .describe('Files that no work may change, as globs'),
    also_base: z
      .boolean()
      .default(false)
      .describe('Work may change protected files, and has to pass the checks with these as they were before it, too'),
  },
  { error: issue => (issue.code === 'invalid_type' ? listOrMapping : undefined) },
)

/** A list is short for a mapping with only `run`: that is the form in which runs of older versions stored it. */
export const checksSection = z.preprocess(
  given => (Array.isArray(given) ? { run: given } : (given ?? {})),
  checksMapping,
)

/** Relative to the top of the repository. A leading `!` would turn the meaning around. */
function isPattern(text: string): boolean {
  return /^[^\s/!]/.test(text) && text === text.trim() && !/\p{Cc}/u.test(text) && !text.split('/').includes('..')
}
