import { forbiddenFlags } from '../core/agent/forbidden-flags.ts'

const dangerousName =
  /^--?(?:allow-)?dangerous|^--(?:allow-all|trust-all|auto-approve)|^--(?:auto|force|trust|skip-trust|approve|approve-for-me)(?:=|$)/
const dangerousValue = /(?:^|[=:"'])(?:bypassPermissions|yolo|danger-full-access|unrestricted)["']?$/

/** The arguments that switch safeguards off, for the policy's `dangerous_flags`: the host's four and the like of them. */
export function dangerousFlagsIn(args: readonly string[]): readonly string[] {
  const found = args.flatMap((arg, index) => {
    const name = arg.split('=')[0]
    if (forbiddenFlags.some(flag => flag === name) || dangerousName.test(arg)) return [arg]
    if (!dangerousValue.test(arg)) return []
    return arg.startsWith('-') ? [arg] : [`${args[index - 1] ?? ''} ${arg}`.trim()]
  })
  return [...new Set(found)]
}

/** Nothing where there is no value. */
export function option(name: string, value: string | null): readonly string[] {
  return value === null ? [] : [name, value]
}

/** Our arguments and the user's, where a CLI refuses an option given twice: the user's stands instead of ours. */
export function withUserArgs(
  ours: readonly string[],
  users: readonly string[],
  onlyOnce: readonly string[],
): readonly string[] {
  if (optionValues(users, onlyOnce).length === 0) return [...ours, ...users]
  const at = ours.findIndex(arg => onlyOnce.includes(arg))
  return [...ours.slice(0, at), ...ours.slice(at + 2), ...users]
}

/** The value that an option was given last, as `--name value` or `--name=value`. */
export function optionValue(args: readonly string[], names: readonly string[]): string | null {
  return optionValues(args, names).at(-1) ?? null
}

/** Every value an option was given, in order. */
export function optionValues(args: readonly string[], names: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const name = nameIn(arg, names)
    if (!name) return []
    return arg === name ? args.slice(index + 1, index + 2) : [arg.slice(name.length + 1)]
  })
}

/** The values of options that take all arguments up to the next one that begins with a dash. */
export function variadicValues(args: readonly string[], names: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const name = nameIn(arg, names)
    if (!name) return []
    const rest = args.slice(index + 1)
    const end = rest.findIndex(value => value.startsWith('-'))
    const following = end < 0 ? rest : rest.slice(0, end)
    return arg === name ? following : [arg.slice(name.length + 1), ...following]
  })
}

function nameIn(arg: string, names: readonly string[]): string | undefined {
  return names.find(name => arg === name || arg.startsWith(`${name}=`))
}
