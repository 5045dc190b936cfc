import * as z from 'zod'
import { nearestName } from './nearest.ts'
import { configSchema } from './schema.ts'
import { isMapping, type KeyPath, showText, showValue, valueAt } from './show.ts'

/** One thing wrong with the configuration. `text` follows the path in the message. */
export interface Problem {
  readonly path: KeyPath
  readonly text: string
}

const nouns: Readonly<Record<string, string>> = {
  number: 'a whole number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

/** Describes a schema error for a person who edits a YAML file. */
export function describeIssue(issue: z.core.$ZodIssue, root: unknown): readonly Problem[] {
  const path = asWritten(
    issue.path.map(part => (typeof part === 'number' ? part : String(part))),
    root,
  )
  const value = valueAt(root, path)
  const problem = (text: string): readonly Problem[] => [{ path, text }]
  if (issue.message.startsWith('expected ')) return problem(`${issue.message}, found ${showValue(value)}`)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], text: unknownKey(key, keysAt(path)) }))
    case 'invalid_type': {
      const noun = nouns[issue.expected] ?? issue.expected
      if (value === undefined) return problem(`missing; expected ${noun}`)
      const quote = issue.expected === 'string' && typeof value !== 'object' ? '; put it in quotes' : ''
      return problem(`expected ${noun}, found ${showValue(value)}${quote}`)
    }
    case 'too_small':
      return problem(`expected ${bound('at least', Number(issue.minimum), issue.origin, value)}`)
    case 'too_big':
      return problem(`expected ${bound('at most', Number(issue.maximum), issue.origin, value)}`)
    case 'invalid_value':
      return problem(`expected one of ${issue.values.map(String).join(', ')}; found ${showValue(value)}`)
    case 'invalid_key':
      return problem(`${issue.issues[0]?.message ?? issue.message}, found ${showText(String(path.at(-1)))}`)
    default:
      return problem(issue.message)
  }
}

/** `checks` may be written as the list that is `checks.run`. */
function asWritten(path: KeyPath, root: unknown): KeyPath {
  const [first, second, ...rest] = path
  return first === 'checks' && second === 'run' && Array.isArray(valueAt(root, ['checks'])) ? ['checks', ...rest] : path
}

/** Valid keys at a path of the configuration; empty where the user chooses the keys. */
export function keysAt(path: KeyPath): readonly string[] {
  const structure: unknown = z.toJSONSchema(configSchema)
  const place = path.reduce<unknown>((schema, part) => {
    if (typeof part === 'number') return valueAt(schema, ['items'])
    return valueAt(schema, ['properties', part]) ?? valueAt(schema, ['additionalProperties'])
  }, structure)
  const properties = valueAt(place, ['properties'])
  return isMapping(properties) ? Object.keys(properties) : []
}

function unknownKey(key: string, names: readonly string[]): string {
  const nearest = nearestName(key, names)
  return nearest === null ? `unknown key; valid here: ${names.join(', ')}` : `unknown key; did you mean "${nearest}"?`
}

function bound(comparison: string, limit: number, origin: string, value: unknown): string {
  if (origin === 'string')
    return `${comparison} ${limit} characters, found ${typeof value === 'string' ? value.length : 0}`
  if (origin === 'array') return `${comparison} ${limit} in the list, found ${Array.isArray(value) ? value.length : 0}`
  return `${comparison} ${limit}, found ${showValue(value)}`
}
