import type * as z from 'zod'

/** Behaviour that a later version brings: the key is known and checked, and a value that would do nothing is refused. */
export function notYet<Value>(schema: z.ZodType<Value>, standard: false | null | readonly []) {
  const shown = JSON.stringify(standard)
  const text = `is not supported by this version yet; leave it at its default (${shown})`
  return schema
    .refine(given => JSON.stringify(given) === shown, text)
    .prefault(standard)
    .describe(`This key ${text}.`)
}
