import * as z from 'zod'
import { agentFailureClasses } from '../core/agent/failure.ts'
import { forbiddenFlagIn } from '../core/agent/forbidden-flags.ts'
import { isAgentId } from '../core/ids.ts'

const weekInSeconds = 7 * 24 * 3600

/**
 * A mapping that allows only known keys. A key without a value, such as one whose entries are commented out, is an
 * empty mapping.
 */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(value => value ?? {}, z.strictObject(shape))
}

/** A mapping whose keys the user chooses. */
export function mapping<Key extends z.ZodType<string, string>, Value extends z.ZodType>(key: Key, value: Value) {
  return z.preprocess(given => given ?? {}, z.record(key, value))
}

export function wholeNumber(minimum: number, maximum: number) {
  return z.int().min(minimum).max(maximum)
}

export const seconds = wholeNumber(1, weekInSeconds)

const agentIdText = 'expected an agent id: lower-case letters, digits and hyphens, 40 at most, a letter first'

export const agentId = z.string().refine(isAgentId, agentIdText)

/** As a key it stays a plain string, so that any id can be looked up in the mapping. */
export const agentIdKey = z.string().refine((id): boolean => isAgentId(id), agentIdText)

export const agentIdList = z
  .array(agentId)
  .min(1)
  .refine(ids => new Set(ids).size === ids.length, 'an agent is listed twice; its place in the list is its preference')

/** Text that becomes one argument of a program and cannot be taken for an option. */
export const word = z
  .string()
  .refine(isWord, "expected 1 to 100 characters, no control characters, no blank at either end, no '-' first")

/** One argument of an agent. A NUL cannot be passed to a program. */
const argument = z.string().max(10_000).refine(hasNoNul, 'a NUL character cannot be passed to a program')

export const agentArguments = z.array(argument).max(200).superRefine(refuseForbiddenFlags)

export const agentCommand = z
  .array(argument)
  .min(1)
  .max(200)
  .refine(([program]) => program === undefined || /^[^\s-]/.test(program), 'expected a program first')
  .superRefine(refuseForbiddenFlags)

export const environment = mapping(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable'),
  z.string().refine(hasNoNul, 'a NUL character cannot be passed to a program'),
)

/** A command for `sh -c`, written by the user. */
export const shellCommand = z
  .string()
  .max(10_000)
  .refine(text => text.trim() !== '', 'expected a command')
  .refine(hasNoNul, 'a NUL character cannot be passed to a program')

export const exitCode = wholeNumber(0, 255)

/** YAML number keys are read as text. */
export const exitCodeKey = z
  .string()
  .refine(text => /^\d{1,3}$/.test(text) && String(Number(text)) === text && Number(text) <= 255, {
    error: 'expected an exit code, 0 to 255',
  })

export const failureClass = z.enum(agentFailureClasses)

/** A path in a JSON record: `usage.input_tokens`, `choices.0.text`. */
export const jsonPath = z
  .string()
  .max(200)
  .regex(/^[\w-]+(?:\.[\w-]+)*$/, 'expected names and list indexes with dots between, such as choices.0.text')

function refuseForbiddenFlags(args: readonly string[], context: z.RefinementCtx): void {
  for (const [index, arg] of args.entries()) {
    const flag = forbiddenFlagIn([arg])
    if (flag !== null) {
      const message = `${flag} is refused: the host refuses it in the policy, and the policy has to be true`
      context.addIssue({ code: 'custom', path: [index], message })
    }
  }
}

function hasNoNul(text: string): boolean {
  return !text.includes('\0')
}

function isWord(text: string): boolean {
  return text.length <= 100 && /^[^\s-]/.test(text) && text === text.trim() && !/\p{Cc}/u.test(text)
}

/** The path of a key; whether it can be used is checked when a run starts. */
export const signingKey = z
  .string()
  .max(1000)
  .refine(
    text => /^(?:ssh:)?[^\s:][^\p{Cc}]*$/u.test(text),
    'expected the path of a key, or ssh: and the path of an SSH key',
  )
