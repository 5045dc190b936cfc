import { isMapping, type KeyPath } from './show.ts'

/** Values of flags that were really given on the command line. */
export interface ConfigOverrides {
  readonly implementationAgents?: readonly string[] | undefined
  readonly reviewAgents?: readonly string[] | undefined
  readonly maxConcurrentWps?: number | undefined
  readonly actor?: string | undefined
  readonly accept?: boolean | undefined
  readonly merge?: string | undefined
  readonly push?: boolean | undefined
  readonly budgetUsd?: number | undefined
  readonly budgetTokens?: number | undefined
  readonly budgetSeconds?: number | undefined
  readonly wpBudgetUsd?: number | undefined
  readonly wpBudgetTokens?: number | undefined
  readonly wpBudgetSeconds?: number | undefined
}

const flags: readonly { readonly name: keyof ConfigOverrides; readonly flag: string; readonly path: KeyPath }[] = [
  { name: 'implementationAgents', flag: '--impl-agent', path: ['agents', 'implementation'] },
  { name: 'reviewAgents', flag: '--review-agent', path: ['agents', 'review'] },
  { name: 'maxConcurrentWps', flag: '--max-concurrent', path: ['max_concurrent_wps'] },
  { name: 'actor', flag: '--actor', path: ['actor'] },
  { name: 'accept', flag: '--accept', path: ['finish', 'accept'] },
  { name: 'merge', flag: '--merge', path: ['finish', 'merge'] },
  { name: 'push', flag: '--push', path: ['finish', 'push'] },
  { name: 'budgetUsd', flag: '--budget-usd', path: ['budget', 'usd'] },
  { name: 'budgetTokens', flag: '--budget-tokens', path: ['budget', 'tokens'] },
  { name: 'budgetSeconds', flag: '--budget-seconds', path: ['budget', 'wall_clock_seconds'] },
  { name: 'wpBudgetUsd', flag: '--wp-budget-usd', path: ['budget', 'work_package', 'usd'] },
  { name: 'wpBudgetTokens', flag: '--wp-budget-tokens', path: ['budget', 'work_package', 'tokens'] },
  { name: 'wpBudgetSeconds', flag: '--wp-budget-seconds', path: ['budget', 'work_package', 'wall_clock_seconds'] },
]

export function withOverrides(root: unknown, overrides: ConfigOverrides): unknown {
  return flags.reduce((value, { name, path }) => {
    const given = overrides[name]
    return given === undefined ? value : withValue(value, path, given)
  }, root)
}

/** The flag that a value of the configuration came from, or null. */
export function flagOf(path: KeyPath, overrides: ConfigOverrides): string | null {
  const given = flags.filter(({ name }) => overrides[name] !== undefined)
  return given.find(flag => flag.path.every((part, index) => part === path[index]))?.flag ?? null
}

/** Something that is no mapping where one belongs is left as it is; the schema says so. */
function withValue(root: unknown, [key, ...rest]: KeyPath, value: unknown): unknown {
  if (key === undefined) return value
  const mapping = root ?? {}
  return isMapping(mapping) ? { ...mapping, [key]: withValue(mapping[key], rest, value) } : root
}
