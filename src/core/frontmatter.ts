/** The entries of a list in a WP file's frontmatter, as `key: [a, b]` or one `- entry` per line; quotes are taken off. */
export function listInFrontmatter(wpText: string, key: string): readonly string[] {
  const frontmatter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(wpText)?.[1] ?? ''
  const [, rest = '', items = ''] =
    new RegExp(`^${key}:([^\\n]*)((?:\\r?\\n[ \\t]*-[^\\n]*)*)`, 'm').exec(frontmatter) ?? []
  const inline = /^\s*\[(.*)\]\s*$/.exec(rest)?.[1]?.split(',') ?? []
  const lines = items.split('\n').map(line => line.trim().replace(/^-\s*/, ''))
  return [...inline, ...lines].map(unquoted).filter(entry => entry !== '')
}

function unquoted(entry: string): string {
  return entry.trim().replace(/^(['"])(.*)\1$/, '$2')
}
