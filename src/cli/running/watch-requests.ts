import { type FSWatcher, watch } from 'node:fs'
import { makeFolder } from '../../files/durable-write.ts'
import type { EventBody } from '../../run/events/event.ts'
import type { Answer, PersonRequest, Requests } from '../../run/requests/requests.ts'
import { answerRequest, clearRequests, type LeftRequest, requestsFolder, takeRequests } from '../../state/requests.ts'

/** Not every file system tells of changes. */
const pollMs = 1_000

const toOneThatEnded: Answer = {
  done: false,
  message: 'it was left before the run that is at work began',
  hint: 'give the command again',
}

export interface RequestWatch {
  /** Waits until what was taken is answered. */
  stop(): Promise<void>
}

/** Drops what was left to a run that died, then hands what commands leave in `.kittify/orchestrator-requests` to this one. */
export async function watchRequests(
  kittify: string,
  requests: Requests,
  report: (event: EventBody) => void,
): Promise<RequestWatch> {
  const folder = requestsFolder(kittify)
  makeFolder(folder, kittify)
  for (const left of await clearRequests(kittify, toOneThatEnded)) report(dropped(left))
  const obeyed = new Set<Promise<void>>()

  const hand = async (id: string, request: PersonRequest): Promise<void> => {
    await answerRequest(kittify, id, await requests.ask(request))
  }
  let unreadable = false
  const lookThere = (): readonly LeftRequest[] => {
    try {
      return takeRequests(kittify)
    } catch (error) {
      if (!unreadable) report({ type: 'requests-unreachable', reason: messageOf(error) })
      unreadable = true
      return []
    }
  }
  const take = (): void => {
    for (const left of lookThere()) {
      if (left.request === null) {
        report(dropped(left))
        continue
      }
      const done = hand(left.id, left.request).catch(error =>
        report({ type: 'request-unanswered', reason: messageOf(error) }),
      )
      obeyed.add(done)
      void done.then(() => obeyed.delete(done))
    }
  }

  const watcher = watchFolder(folder, take)
  const timer = setInterval(take, pollMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      watcher?.close()
      await Promise.all(obeyed)
    },
  }
}

/** null: this system cannot, or not any more; then there is the poll. */
function watchFolder(folder: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}

function dropped({ id, request, problem, taken }: LeftRequest): EventBody {
  if (request === null) return { type: 'request-unreadable', id, reason: problem ?? '' }
  const wpId = 'wpId' in request ? request.wpId : null
  return { type: 'request-dropped', request: request.kind, wpId, begun: taken }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
