import { parse } from 'yaml'
import { z } from 'zod'
import { type WpAsks, wpAsks } from '../../core/agent/wp-model.ts'
import { isRecord } from '../../core/json.ts'

/** The frontmatter of a WP's file: YAML that the host wrote or checked. */
export interface WpFile {
  /** `T001` …: the list that the host's guard checks, not the check boxes in tasks.md. */
  readonly subtasks: readonly string[]
  /** Paths and globs, relative to the repository. */
  readonly ownedFiles: readonly string[]
  /** The host's `scope: codebase-wide`: an audit or a cutover may touch every file. */
  readonly codebaseWide: boolean
  readonly asks: WpAsks
}

const list = z
  .union([z.string(), z.array(z.unknown())])
  .transform(entries => [entries].flat().filter(entry => typeof entry === 'string'))
  .catch([])

const frontmatter = z
  .object({ subtasks: list, owned_files: list, scope: z.string().nullish().catch(null) })
  .catch({ subtasks: [], owned_files: [], scope: null })

/** Unreadable frontmatter counts as empty: the host itself fails on it. */
export function readWpFile(bytes: Uint8Array): WpFile {
  const yaml = yamlOf(new TextDecoder().decode(bytes))
  const { subtasks, owned_files, scope } = frontmatter.parse(yaml)
  return {
    subtasks: [...new Set(subtasks.join(' ').match(/\bT\d{3,}\b/g))],
    ownedFiles: owned_files.map(entry => entry.trim()).filter(entry => entry !== ''),
    codebaseWide: scope === 'codebase-wide',
    asks: wpAsks(isRecord(yaml) ? yaml : {}),
  }
}

/** Empty, or with a frontmatter that does not end: it is being saved, or the host itself fails on it. */
export function isHalfSaved(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes)
  return text.trim() === '' || (text.startsWith('---') && !/\n---[^\S\n]*(?:\n|$)/.test(text))
}

/** The text between a first line and a later line of three dashes, as the host finds it. */
function yamlOf(text: string): unknown {
  const [first = '', ...lines] = text.split(/\r?\n/)
  const end = lines.findIndex(line => line.trim() === '---')
  if (!first.startsWith('---') || end < 0) return {}
  try {
    return parse(lines.slice(0, end).join('\n'), { logLevel: 'error' })
  } catch {
    return {}
  }
}
