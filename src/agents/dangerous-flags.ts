import { forbiddenFlags } from '../core/forbidden-flags.ts'

const dangerousName = /^--?(?:allow-)?dangerous|^--(?:allow-all|trust-all|auto-approve)/
const dangerousValue = /(?:^|[=:"'])(?:bypassPermissions|yolo|danger-full-access)["']?$/

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

/** The value that an option was given last, as `--name value` or `--name=value`. */
export function optionValue(args: readonly string[], names: readonly string[]): string | null {
  for (const [index, arg] of [...args.entries()].reverse()) {
    const name = names.find(candidate => arg === candidate || arg.startsWith(`${candidate}=`))
    if (name) return arg === name ? (args[index + 1] ?? null) : arg.slice(name.length + 1)
  }
  return null
}
