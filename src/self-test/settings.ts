/** A git setting with its scope, as named by `git config --list --show-scope`. */
export interface GitSetting {
  readonly scope: Scope
  readonly key: string
  /** null: the key has no value, which git reads as true. */
  readonly value: string | null
}

export type Scope = 'system' | 'global' | 'local' | 'worktree'

/** True for a setting of the repository, rather than one of the user for all repositories. */
export function isOfRepository({ scope }: GitSetting): boolean {
  return scope === 'local' || scope === 'worktree'
}

/** The settings as text of a git configuration file. */
export function configText(settings: readonly GitSetting[]): string {
  return settings
    .map(({ key, value }) => `${header(key)}\n\t${nameOf(key)}${value === null ? '' : ` = ${quoted(value)}`}\n`)
    .join('')
}

/** `section.any.thing.name`: everything between the first and the last dot is the subsection. */
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
