import { forbiddenFlags } from '../core/agent/forbidden-flags.ts'

const dangerousName =
  /^--?(?:allow-)?dangerous|^--(?:allow-all|trust-all|auto-approve)|^--(?:auto|force|trust|skip-trust|approve|approve-for-me)(?:=|$)/
const dangerousValue = /(?:^|[=:"'])(?:bypassPermissions|yolo|danger-full-access|unrestricted)["']?$/

/** The arguments that disable safeguards, for the policy's `dangerous_flags`: the host's four and similar ones. */
export function dangerousFlagsIn(args: readonly string[]): readonly string[] {
  const found = args.flatMap((arg, index) => {
    const name = arg.split('=')[0]
    if (forbiddenFlags.some(flag => flag === name) || dangerousName.test(arg)) return [arg]
    if (!dangerousValue.test(arg)) return []
    return arg.startsWith('-') ? [arg] : [`${args[index - 1] ?? ''} ${arg}`.trim()]
  })
  return [...new Set(found)]
}

/** Empty if there is no value. */
export function option(name: string, value: string | null): readonly string[] {
  return value === null ? [] : [name, value]
}

/** Combines our arguments with the user's for a CLI that refuses a repeated option: the user's replaces ours. */
export function withUserArgs(
  ours: readonly string[],
  users: readonly string[],
  onlyOnce: readonly string[],
): readonly string[] {
  if (optionValues(users, onlyOnce).length === 0) return [...ours, ...users]
  const at = ours.findIndex(arg => onlyOnce.includes(arg))
  return [...ours.slice(0, at), ...ours.slice(at + 2), ...users]
}

/** The last value given for an option, as `--name value` or `--name=value`. */
export function optionValue(args: readonly string[], names: readonly string[]): string | null {
  return optionValues(args, names).at(-1) ?? null
}

/** All values given for an option, in order. */
export function optionValues(args: readonly string[], names: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const name = nameIn(arg, names)
    if (!name) return []
    return arg === name ? args.slice(index + 1, index + 2) : [arg.slice(name.length + 1)]
  })
}

/** The values of options that take all arguments up to the next one that starts with a dash. */
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
