import type { Verdict } from '../../../src/core/judgement/review.ts'
import type { ToolCall } from '../rig.ts'
import type { Message, ModelRequest } from './dialect.ts'

/** What the model does, turn by turn; a turn is counted by the tool results that the request holds. The last step repeats. */
export type Scenario = readonly Step[]

export type Step =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall }
  /** In the way the request asks for: a tool of the CLI's own, a JSON answer, or an object that ends the text. */
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | Failing

export type Failing =
  | { readonly kind: 'status'; readonly status: number }
  /** The connection is closed in the middle of the reply. */
  | { readonly kind: 'cut-off' }
  /** The request is read and never answered. */
  | { readonly kind: 'silence' }

export type Reply = { readonly kind: 'message'; readonly message: Message } | Failing

export function replyTo(scenario: Scenario, request: ModelRequest): Reply {
  const step = scenario[Math.min(request.toolResults.length, scenario.length - 1)]
  if (!step) throw new Error('a scenario has at least one step')
  switch (step.kind) {
    case 'status':
    case 'cut-off':
    case 'silence':
      return step
    case 'say':
      return said(sideAnswer(request) ?? step.text)
    case 'call':
      return said(sideAnswer(request) ?? 'I call a tool.', sideAnswer(request) === null ? step.call : null)
    case 'verdict':
      return verdictFor(request, step.verdict)
  }
}

/** CLIs also ask for titles and the like; such requests offer no tools and are no turns. */
function sideAnswer(request: ModelRequest): string | null {
  if (request.tools.length > 0) return null
  return request.wantsJson ? '{}' : 'A title'
}

const structuredTools = ['StructuredOutput', 'structured_output']

function verdictFor(request: ModelRequest, verdict: Verdict): Reply {
  const tool = structuredTools.find(name => request.tools.includes(name))
  // The schema asks for them: a CLI refuses a verdict without.
  const answer = { ...verdict, answers: [] }
  if (tool) return said('I have looked at it.', { name: tool, input: answer })
  return said(`${request.wantsJson ? '' : 'I have looked at it.\n\n'}${JSON.stringify(answer)}`)
}

function said(text: string, call: ToolCall | null = null): Reply {
  return { kind: 'message', message: { text, call } }
}
