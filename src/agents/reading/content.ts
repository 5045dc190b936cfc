import { isRecord } from '../../core/json.ts'

/** The text of a message's content: a string, or blocks of which those of type `text` count. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content
  const blocks = Array.isArray(content) ? content.filter(isRecord) : []
  return blocks.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : [])).join('')
}
