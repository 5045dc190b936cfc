import { isRecord } from '../../../src/core/json.ts'
import { eventStream, recordsOf, type ServerDialect, textOf, tokens, wholeAnswer } from './dialect.ts'
import { openaiOtherwise } from './openai-error.ts'

/** `POST /v1/chat/completions`, with and without a stream. */
export const openaiChat: ServerDialect = {
  ...openaiOtherwise,

  read(path, body) {
    if (!path.endsWith('/chat/completions')) return null
    const format = body.response_format
    return {
      tools: recordsOf(body.tools).map(tool => textOf(isRecord(tool.function) ? tool.function.name : tool.name)),
      toolResults: recordsOf(body.messages)
        .filter(({ role }) => role === 'tool')
        .map(message => textOf(message.content)),
      wantsJson: isRecord(format) && format.type !== 'text',
    }
  },

  answer({ body, message: { text, call }, id }) {
    const usage = {
      prompt_tokens: tokens.input,
      completion_tokens: tokens.output,
      total_tokens: tokens.input + tokens.output,
      prompt_tokens_details: { cached_tokens: tokens.cached },
    }
    const calls = call
      ? [{ id: `call_${id}`, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } }]
      : []
    const finish = call ? 'tool_calls' : 'stop'
    const reply = { id: `chatcmpl-${id}`, created: 1_700_000_000, model: body.model }
    if (body.stream !== true) {
      const message = { role: 'assistant', content: text, ...(call ? { tool_calls: calls } : {}) }
      const choices = [{ index: 0, finish_reason: finish, message }]
      return wholeAnswer({ ...reply, object: 'chat.completion', choices, usage })
    }
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...reply,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason }],
    })
    return eventStream(
      [
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: text }),
        ...calls.map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
        chunk({}, finish),
        { ...reply, object: 'chat.completion.chunk', choices: [], usage },
        '[DONE]',
      ],
      false,
    )
  },
}
