/** One setting of git, with where it is made, as `git config --list --show-scope` names both. */
export interface GitSetting {
  readonly scope: Scope
  readonly key: string
  /** null: the key stands alone, which git takes for true. */
  readonly value: string | null
}

export type Scope = 'system' | 'global' | 'local' | 'worktree'

/** Made in the repository, not by the person for all of theirs. */
export function isOfRepository({ scope }: GitSetting): boolean {
  return scope === 'local' || scope === 'worktree'
}

/** The text of a configuration file of git. */
export function configText(settings: readonly GitSetting[]): string {
  return settings
    .map(({ key, value }) => `${header(key)}\n\t${nameOf(key)}${value === null ? '' : ` = ${quoted(value)}`}\n`)
    .join('')
}

/** `section.any.thing.name`: all between the first and the last dot is the subsection. */
function header(key: string): string {
  const section = key.slice(0, key.indexOf('.'))
  const subsection = key.slice(section.length + 1, Math.max(section.length + 1, key.lastIndexOf('.')))
  return subsection === '' ? `[${section}]` : `[${section} ${quoted(subsection)}]`
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1)
}

function quoted(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return `"${escaped}"`
}
