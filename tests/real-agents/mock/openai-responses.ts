import { isRecord, type JsonRecord } from '../../../src/core/json.ts'
import type { ToolCall } from '../rig.ts'
import { eventStream, recordsOf, type ServerDialect, textOf, tokens } from './dialect.ts'
import { openaiOtherwise } from './openai-error.ts'

/** `POST /v1/responses`, always as a stream. */
export const openaiResponses: ServerDialect = {
  ...openaiOtherwise,

  read(path, body) {
    if (!path.endsWith('/responses')) return null
    const format = isRecord(body.text) ? body.text.format : null
    return {
      tools: recordsOf(body.tools).map(tool => textOf(tool.name ?? tool.type)),
      toolResults: recordsOf(body.input)
        .filter(({ type }) => typeof type === 'string' && type.endsWith('_output'))
        .map(item => textOf(item.output)),
      wantsJson: isRecord(format) && format.type === 'json_schema',
    }
  },

  answer({ body, message: { text, call }, id }) {
    const base = { id: `resp_${id}`, object: 'response', created_at: 1_700_000_000, model: body.model }
    const output = [
      { type: 'message', id: `msg_${id}`, role: 'assistant', content: [outputText(text)], status: 'completed' },
      ...(call ? [callItem(call, id)] : []),
    ]
    const usage = {
      input_tokens: tokens.input,
      input_tokens_details: { cached_tokens: tokens.cached },
      output_tokens: tokens.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: tokens.input + tokens.output,
    }
    const begin = { type: 'response.created', response: { ...base, status: 'in_progress', output: [] } }
    const end = { type: 'response.completed', response: { ...base, status: 'completed', output, usage } }
    const items = output.flatMap((item, output_index) => itemEvents(item, output_index, text))
    return eventStream([begin, ...items, end], true)
  },
}

function outputText(text: string) {
  return { type: 'output_text', text, annotations: [] }
}

function callItem({ name, input }: ToolCall, id: string): JsonRecord {
  const call = { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}` }
  return { ...call, name, arguments: JSON.stringify(input), status: 'completed' }
}

function itemEvents(item: JsonRecord, output_index: number, text: string): readonly JsonRecord[] {
  const isMessage = item.type === 'message'
  const begun = { ...item, status: 'in_progress', ...(isMessage ? { content: [] } : { arguments: '' }) }
  const part = { item_id: item.id, output_index, content_index: 0 }
  const parts = [
    { type: 'response.content_part.added', ...part, part: outputText('') },
    { type: 'response.output_text.delta', ...part, delta: text },
    { type: 'response.output_text.done', ...part, text },
  ]
  return [
    { type: 'response.output_item.added', output_index, item: begun },
    ...(isMessage ? parts : []),
    { type: 'response.output_item.done', output_index, item },
  ]
}
