import { isRecord } from '../../core/json.ts'

/** The text of a message's content: a string, or the blocks of type `text`. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content
  const blocks = Array.isArray(content) ? content.filter(isRecord) : []
  return blocks.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : [])).join('')
}
