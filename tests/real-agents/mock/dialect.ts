import { isRecord, type JsonRecord } from '../../../src/core/json.ts'
import type { ToolCall } from '../rig.ts'

/** What a CLI asks its model, in whichever protocol. */
export interface ModelRequest {
  /** Names of the tools that it offers. */
  readonly tools: readonly string[]
  /** What its tools have answered so far in this conversation. */
  readonly toolResults: readonly string[]
  /** It asks for an answer that is JSON. */
  readonly wantsJson: boolean
}

export interface Message {
  readonly text: string
  readonly call: ToolCall | null
}

/** One model API. Pure: the server listens, writes and breaks off. */
export interface ServerDialect {
  /** null: it asks for something else than an answer of the model. */
  read(path: string, body: JsonRecord): ModelRequest | null
  /** The whole reply; a cut-off one ends in the middle of its chunks. */
  answer(exchange: Exchange): Answer
  /** Body of a reply with this status. */
  error(status: number): JsonRecord
  /** Body for what is no question to the model; undefined: there is no such thing. */
  other(path: string): JsonRecord | undefined
}

export interface Exchange {
  readonly path: string
  readonly body: JsonRecord
  readonly message: Message
  /** Unique among the replies of a server. */
  readonly id: string
}

export interface Answer {
  readonly contentType: 'text/event-stream' | 'application/json' | 'application/x-ndjson'
  readonly chunks: readonly string[]
}

/** What every reply tells of itself. */
export const tokens = { input: 100, cached: 40, output: 20 } as const

export function wholeAnswer(value: unknown): Answer {
  return { contentType: 'application/json', chunks: [JSON.stringify(value)] }
}

/** Of server-sent events; those that have a type are named by it where the API does so. */
export function eventStream(events: readonly (JsonRecord | '[DONE]')[], named: boolean): Answer {
  const chunks = events.map(event => {
    if (event === '[DONE]') return 'data: [DONE]\n\n'
    return `${named ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`
  })
  return { contentType: 'text/event-stream', chunks }
}

export function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}

/** The values of these keys, wherever they stand. */
export function deepValues(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(element => deepValues(element, key))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => (name === key ? [inner] : deepValues(inner, key)))
}

export const statusWords: Readonly<Record<number, string>> = {
  401: 'Invalid API key',
  429: 'Rate limit reached, please slow down',
  500: 'Internal server error',
}
