/** Subtask ids (`T001`) of a WP file's frontmatter: the list the host's guard checks, not the check boxes in tasks.md. */
export function subtasksOf(wpText: string): readonly string[] {
  const frontmatter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(wpText)?.[1] ?? ''
  const list = /^subtasks:([^\n]*(?:\n[ \t]*-[^\n]*)*)/m.exec(frontmatter)?.[1] ?? ''
  return [...new Set(list.match(/\bT\d{3,}\b/g))]
}

/**
 * The subtasks that an agent without access to the host says it finished: the last line `Subtasks done: T001 T002` of
 * its final message, and of those only the WP's own.
 */
export function subtasksClaimed(finalMessage: string, own: readonly string[]): readonly string[] {
  const line = finalMessage.match(/^[ *_`]*Subtasks done:.*$/gim)?.at(-1) ?? ''
  const named = new Set(line.match(/\bT\d{3,}\b/g))
  return own.filter(subtask => named.has(subtask))
}
