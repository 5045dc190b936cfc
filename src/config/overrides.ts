import { isMapping, type KeyPath } from './show.ts'

/** A value of a flag that was given on the command line. */
export interface Override {
  /** As messages show it: `--max-concurrent`. */
  readonly flag: string
  readonly path: KeyPath
  readonly value: unknown
}

export function withOverrides(root: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((config, { path, value }) => withValue(config, path, value), root)
}

/** The flag that set a value of the configuration, or null. */
export function flagOf(path: KeyPath, overrides: readonly Override[]): string | null {
  return overrides.find(override => override.path.every((part, index) => part === path[index]))?.flag ?? null
}

/** If the parent is not a mapping, it is left as it is; the schema reports it. */
function withValue(root: unknown, [key, ...rest]: KeyPath, value: unknown): unknown {
  if (key === undefined) return value
  const mapping = root ?? {}
  return isMapping(mapping) ? { ...mapping, [key]: withValue(mapping[key], rest, value) } : root
}
