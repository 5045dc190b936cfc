import type { WpId } from '../../core/ids.ts'

/** A person's request to a live run, by command or by key. */
export type PersonRequest = { readonly kind: 'pause' } | { readonly kind: 'continue' } | DecisionRequest

/** A person's decision about one WP. */
export type DecisionRequest =
  | { readonly kind: 'retry' | 'skip'; readonly wpId: WpId; readonly reason: string | null }
  | ConfirmRequest

/** A person confirms the WP at this commit. */
export interface ConfirmRequest {
  readonly kind: 'confirm'
  readonly wpId: WpId
  readonly commit: string
  readonly reason: string | null
}

/** The answer to a request. */
export interface Answer {
  readonly done: boolean
  /** One sentence. */
  readonly message: string
  /** Lines with what else there is to know and what to do next, or null. */
  readonly hint: string | null
}

export type AnswerRequest = (request: PersonRequest) => Promise<Answer>

export interface Requests {
  /** Resolves when it was carried out or refused. Never rejects. */
  ask(request: PersonRequest): Promise<Answer>
  /** From now on requests are carried out, one after the other, in the order in which they came. */
  serve(answer: AnswerRequest): void
  /** Waits for the request that is being carried out. All others are answered that the run is ending. */
  close(): Promise<void>
}

const ending: Answer = { done: false, message: 'the run is ending', hint: 'run the command again once it has ended' }

export function createRequests(): Requests {
  let carryOut: AnswerRequest | null = null
  let closed = false
  let wake = (): void => {}
  const served = new Promise<void>(resolve => {
    wake = resolve
  })
  let last: Promise<unknown> = served

  return {
    ask: request => {
      const answer = last.then(() => (closed || carryOut === null ? ending : carryOut(request))).catch(failed)
      last = answer
      return answer
    },
    serve: next => {
      carryOut = next
      closed = false
      wake()
    },
    close: async () => {
      closed = true
      wake()
      await last
    },
  }
}

function failed(error: unknown): Answer {
  return { done: false, message: error instanceof Error ? error.message : String(error), hint: null }
}
