import { type ServerDialect, statusWords } from './dialect.ts'

const codes: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' }
const types: Readonly<Record<number, string>> = { 401: 'invalid_request_error', 429: 'rate_limit_error' }

/** What both of OpenAI's protocols answer to everything but a question to the model. */
export const openaiOtherwise: Pick<ServerDialect, 'error' | 'other'> = {
  error: status => ({
    error: {
      message: statusWords[status] ?? 'error',
      type: types[status] ?? 'server_error',
      param: null,
      code: codes[status] ?? null,
    },
  }),

  other: path =>
    path.endsWith('/models')
      ? { object: 'list', data: [{ id: 'mock-model', object: 'model', created: 1, owned_by: 'mock' }] }
      : undefined,
}
