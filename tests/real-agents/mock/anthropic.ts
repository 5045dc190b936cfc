import { eventStream, recordsOf, type ServerDialect, statusWords, textOf, tokens, wholeAnswer } from './dialect.ts'

const errorTypes: Readonly<Record<number, string>> = { 401: 'authentication_error', 429: 'rate_limit_error' }

/** `POST /v1/messages`, with and without a stream. */
export const anthropic: ServerDialect = {
  read(path, body) {
    if (!path.endsWith('/messages')) return null
    const content = recordsOf(body.messages).flatMap(message => recordsOf(message.content))
    return {
      tools: recordsOf(body.tools).map(tool => textOf(tool.name)),
      toolResults: content.filter(({ type }) => type === 'tool_result').map(block => textOf(block.content)),
      wantsJson: false,
    }
  },

  answer({ body, message: { text, call }, id }) {
    const blocks = [
      { type: 'text', text },
      ...(call ? [{ type: 'tool_use', id: `toolu_${id}`, name: call.name, input: call.input }] : []),
    ]
    const stop_reason = call ? 'tool_use' : 'end_turn'
    const usage = {
      input_tokens: tokens.input - tokens.cached,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: tokens.cached,
      output_tokens: tokens.output,
    }
    const reply = { id: `msg_${id}`, type: 'message', role: 'assistant', model: body.model, stop_sequence: null, usage }
    if (body.stream !== true) return wholeAnswer({ ...reply, content: blocks, stop_reason })
    const begin = { type: 'message_start', message: { ...reply, content: [], stop_reason: null } }
    const contents = blocks.flatMap((block, index) => {
      const isText = block.type === 'text'
      const delta = isText
        ? { type: 'text_delta', text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(call?.input) }
      const empty = isText ? { type: 'text', text: '' } : { ...block, input: {} }
      return [
        { type: 'content_block_start', index, content_block: empty },
        { type: 'content_block_delta', index, delta },
        { type: 'content_block_stop', index },
      ]
    })
    const delta = { stop_reason, stop_sequence: null }
    const end = { type: 'message_delta', delta, usage: { output_tokens: tokens.output } }
    return eventStream([begin, ...contents, end, { type: 'message_stop' }], true)
  },

  error: status => ({
    type: 'error',
    error: { type: errorTypes[status] ?? 'api_error', message: statusWords[status] ?? 'error' },
  }),

  other: path => (path.endsWith('/count_tokens') ? { input_tokens: tokens.input } : undefined),
}
