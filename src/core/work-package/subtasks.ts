/**
 * The subtasks that an agent without access to the host says it finished: the last line `Subtasks done: T001 T002` of
 * its final message, and of those only the WP's own.
 */
export function subtasksClaimed(finalMessage: string, own: readonly string[]): readonly string[] {
  const line = finalMessage.match(/^[ *_`]*Subtasks done:.*/gim)?.at(-1) ?? ''
  const named = new Set(line.match(/\bT\d{3,}\b/g))
  return own.filter(subtask => named.has(subtask))
}
