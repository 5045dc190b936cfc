import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isRecord, parseJson } from '../../../src/core/json.ts'
import type { Dialect } from '../rig.ts'
import { anthropic } from './anthropic.ts'
import { augment } from './augment.ts'
import type { Answer, ModelRequest, ServerDialect } from './dialect.ts'
import { gemini } from './gemini.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { replyTo, type Scenario } from './scenario.ts'

const dialects: Readonly<Record<Dialect, ServerDialect>> = {
  anthropic,
  augment,
  gemini,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
}

export interface ModelServer {
  /** A scenario that depends on what is asked is given the whole request as JSON. */
  begin(dialect: Dialect, scenario: Scenario | ((asked: string) => Scenario)): ModelRun
  close(): void
}

export interface ModelRun {
  /** What is asked below this address belongs to this run. */
  readonly baseUrl: string
  /** Every question to the model so far, in order. */
  readonly requests: readonly ModelRequest[]
  /** Everything that was asked so far, for the report of a failed test. */
  readonly log: readonly string[]
}

interface OpenRun {
  readonly dialect: ServerDialect
  readonly scenario: Scenario | ((asked: string) => Scenario)
  readonly requests: ModelRequest[]
  readonly log: string[]
}

/** CLIs give up sooner when a failed reply says that trying again needs no wait. */
const noWait = { 'retry-after': '0', 'retry-after-ms': '1' }

/** The models of all runs behind one port of this machine; a run is the first part of the path. */
export async function startModelServer(): Promise<ModelServer> {
  const runs = new Map<string, OpenRun>()
  let replies = 0
  const server = createServer((request, response) => {
    const [, name = '', path = '/'] = /^\/([^/?]*)([^?]*)/.exec(request.url ?? '') ?? []
    const run = runs.get(name)
    replies += 1
    if (run) void serve(run, `${replies}`, path.replace(/^\/+/, '/'), request, response).catch(() => response.destroy())
    else send(response, 404, {})
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    begin(dialect, scenario) {
      const run: OpenRun = { dialect: dialects[dialect], scenario, requests: [], log: [] }
      const name = `r${runs.size + 1}`
      runs.set(name, run)
      return { baseUrl: `http://127.0.0.1:${address.port}/${name}`, requests: run.requests, log: run.log }
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function serve(
  { dialect, scenario, requests, log }: OpenRun,
  id: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const given = parseJson(await bodyOf(request))
  const body = isRecord(given) ? given : {}
  const question = request.method === 'POST' ? dialect.read(path, body) : null
  if (!question) {
    const other = dialect.other(path)
    log.push(`${request.method} ${path}: ${other ? 200 : 404}`)
    send(response, other ? 200 : 404, other ?? dialect.error(404))
    return
  }
  requests.push(question)
  const reply = replyTo(typeof scenario === 'function' ? scenario(JSON.stringify(body)) : scenario, question)
  const { tools, toolResults } = question
  log.push(
    `${request.method} ${path}: ${tools.length} tools, ${toolResults.length} results -> ${JSON.stringify(reply)}`,
  )
  switch (reply.kind) {
    case 'silence':
      return
    case 'status':
      send(response, reply.status, dialect.error(reply.status), noWait)
      return
    case 'cut-off':
      cutOff(response, dialect.answer({ path, body, id, message: { text: 'I was going to say', call: null } }))
      return
    case 'message': {
      const { contentType, chunks } = dialect.answer({ path, body, id, message: reply.message })
      response.writeHead(200, { 'content-type': contentType }).end(chunks.join(''))
    }
  }
}

function cutOff(response: ServerResponse, { contentType, chunks }: Answer): void {
  const whole = chunks.join('')
  const half = chunks.length > 1 ? chunks.slice(0, chunks.length / 2).join('') : whole.slice(0, whole.length / 2)
  response.writeHead(200, { 'content-type': contentType })
  response.write(half, () => response.destroy())
}

function send(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
