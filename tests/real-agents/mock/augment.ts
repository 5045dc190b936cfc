import { isRecord } from '../../../src/core/json.ts'
import { deepValues, recordsOf, type ServerDialect, statusWords, textOf } from './dialect.ts'

/** Of its nodes: text, a call of a tool. Of its ends: nothing more to say, a tool is called. Seen in 0.36.0. */
const nodeType = { text: 0, toolUse: 5 } as const
const stopReason = { end: 1, toolUse: 3 } as const

const model = {
  name: 'mock-model',
  internal_name: 'mock-model',
  suggested_prefix_char_count: 1000,
  suggested_suffix_char_count: 1000,
  completion_timeout_ms: 800,
}

/** The API has no documentation: what auggie 0.36.0 asks for and is content with. */
const others: Readonly<Record<string, object>> = {
  '/get-models': {
    default_model: model.name,
    models: [model],
    feature_flags: {},
    languages: [],
    user_tier: 'PROFESSIONAL_TIER',
    user: { id: 'mock', email: 'mock@example.invalid' },
  },
  '/find-missing': { unknown_memory_names: [], nonindexed_blob_names: [] },
  '/batch-upload': { blob_names: [] },
  '/checkpoint-blobs': { new_checkpoint_id: 'checkpoint' },
  '/agents/list-remote-tools': { tools: [] },
}

/** `POST /chat-stream`, answered by lines of JSON. */
export const augment: ServerDialect = {
  read(path, body) {
    if (!path.endsWith('/chat-stream')) return null
    const results = deepValues([body.chat_history, body.nodes], 'tool_result_node').filter(isRecord)
    return {
      tools: recordsOf(body.tool_definitions).map(tool => textOf(tool.name)),
      toolResults: results.map(result => textOf(result.content)),
      wantsJson: false,
    }
  },

  answer({ message: { text, call }, id }) {
    const say = { id: 1, type: nodeType.text, content: text }
    const tool_use = call && { tool_use_id: id, tool_name: call.name, input_json: JSON.stringify(call.input) }
    const use = { id: 2, type: nodeType.toolUse, content: '', tool_use }
    const lines = [
      { text, nodes: [say] },
      { text: '', nodes: call ? [use] : [], stop_reason: call ? stopReason.toolUse : stopReason.end },
    ]
    return { contentType: 'application/x-ndjson', chunks: lines.map(line => `${JSON.stringify(line)}\n`) }
  },

  error: status => ({ error: { message: statusWords[status] } }),

  other: path => ({ ...others[path] }),
}
