import { type FSWatcher, watch } from 'node:fs'
import { makeFolder } from '../../files/durable-write.ts'
import type { EventBody } from '../../run/events/event.ts'
import type { Answer, PersonRequest, Requests } from '../../run/requests/requests.ts'
import { answerRequest, clearRequests, type LeftRequest, requestsFolder, takeRequests } from '../../state/requests.ts'

/** Not every file system reports changes. */
const pollMs = 1_000

const answerToOutdated: Answer = {
  done: false,
  message: 'it was sent before the current process of the run started',
  hint: 'run the command again',
}

const stop = [{ command: 'sko abort', why: 'stops it, as Ctrl+C does' }]
const see = [{ command: 'sko status', why: 'shows what came of it' }]

export interface RequestWatch {
  /** Waits until all requests that were taken are answered. */
  stop(): Promise<void>
}

/** Drops requests left for a process that died, then passes new files in `.kittify/orchestrator-requests` to this run. */
export async function watchRequests(
  kittify: string,
  requests: Requests,
  report: (event: EventBody) => void,
): Promise<RequestWatch> {
  const folder = requestsFolder(kittify)
  makeFolder(folder, kittify)
  for (const left of await clearRequests(kittify, answerToOutdated)) report(dropped(left))
  const pending = new Set<Promise<void>>()

  const hand = async (id: string, request: PersonRequest): Promise<void> => {
    await answerRequest(kittify, id, await requests.ask(request))
  }
  let unreadable = false
  const lookThere = (): readonly LeftRequest[] => {
    try {
      return takeRequests(kittify)
    } catch (error) {
      if (!unreadable) report({ type: 'requests-unreachable', reason: messageOf(error), next: stop })
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
        report({ type: 'request-unanswered', reason: messageOf(error), next: see }),
      )
      pending.add(done)
      void done.then(() => pending.delete(done))
    }
  }

  const watcher = watchFolder(folder, take)
  const timer = setInterval(take, pollMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      watcher?.close()
      await Promise.all(pending)
    },
  }
}

/** null when the system cannot watch the folder; the poll finds the requests then. */
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
