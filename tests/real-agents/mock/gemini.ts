import { isRecord } from '../../../src/core/json.ts'
import {
  deepValues,
  eventStream,
  recordsOf,
  type ServerDialect,
  statusWords,
  textOf,
  tokens,
  wholeAnswer,
} from './dialect.ts'

const errorNames: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
}

/** `POST /v1beta/models/<model>:generateContent` and `:streamGenerateContent`. */
export const gemini: ServerDialect = {
  read(path, body) {
    if (!/:(?:generate|streamGenerate)Content$/.test(path)) return null
    const config = isRecord(body.generationConfig) ? body.generationConfig : {}
    const declarations = recordsOf(body.tools).flatMap(tool => recordsOf(tool.functionDeclarations))
    return {
      tools: declarations.map(({ name }) => textOf(name)),
      toolResults: deepValues(body.contents, 'functionResponse').map(textOf),
      wantsJson: config.responseMimeType === 'application/json',
    }
  },

  answer({ path, message: { text, call }, id }) {
    const parts = [{ text }, ...(call ? [{ functionCall: { name: call.name, args: call.input } }] : [])]
    const usageMetadata = {
      promptTokenCount: tokens.input,
      cachedContentTokenCount: tokens.cached,
      candidatesTokenCount: tokens.output,
      totalTokenCount: tokens.input + tokens.output,
    }
    const reply = (parts: readonly object[], isLast: boolean) => ({
      candidates: [{ content: { role: 'model', parts }, index: 0, ...(isLast ? { finishReason: 'STOP' } : {}) }],
      usageMetadata,
      modelVersion: /models\/([^:/]+)/.exec(path)?.[1],
      responseId: id,
    })
    if (!path.includes(':stream')) return wholeAnswer(reply(parts, true))
    return eventStream([...parts.map(part => reply([part], false)), reply([], true)], false)
  },

  error: code => ({ error: { code, message: statusWords[code], status: errorNames[code] } }),

  other: path => (path.endsWith(':countTokens') ? { totalTokens: tokens.input } : undefined),
}
