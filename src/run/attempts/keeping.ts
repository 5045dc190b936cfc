import type { WpId } from '../../core/ids.ts'
import type { AttemptOutcome, Leftovers, Ports } from '../ports.ts'
import { showKept } from './have-back.ts'
import type { AttemptWatch, Keeper, WatchedEnd } from './keeper.ts'

interface Watched {
  readonly wpId: WpId
  readonly attempt: number
}

/** The ports of a run. Each attempt is watched from before its start until its end. */
export function keeping(keeper: Keeper, ports: Ports): Ports {
  return {
    ...ports,
    runAgent: async (request, control) => {
      const watch = await keeper.watch({ ...request, startedAt: ports.clock.now() })
      const stopLooking = lookBeforeEnd(watch, control.signal)
      const outcome = await ports.runAgent(request, control).catch(async error => {
        await watch.end(true)
        throw error
      })
      stopLooking()
      return withFindings(request, outcome, await watch.end(control.signal.aborted), ports)
    },
    leftovers: keepingLeftovers(keeper, ports),
  }
}

/** An adopted agent is watched from the adoption on. */
function keepingLeftovers(keeper: Keeper, ports: Ports): Leftovers {
  return {
    ...ports.leftovers,
    adopt: (request, control) => {
      const adopted = ports.leftovers.adopt(request, control)
      if (adopted === null) return null
      const { worktree } = adopted
      const watching = keeper.watch({ ...request, worktree, startedAt: Date.parse(request.startedAt) })
      void watching.then(watch => lookBeforeEnd(watch, control.signal))
      const outcome = adopted.outcome.then(async ended =>
        withFindings(request, ended, await (await watching).end(control.signal.aborted), ports),
      )
      return { ...adopted, outcome }
    },
  }
}

/** Looks once more before the agent is stopped, because it may clean up then. Returns a function that removes the listener. */
function lookBeforeEnd(watch: AttemptWatch, signal: AbortSignal): () => void {
  const look = () => void watch.look()
  signal.addEventListener('abort', look)
  return () => signal.removeEventListener('abort', look)
}

function withFindings(
  { wpId, attempt }: Watched,
  outcome: AttemptOutcome,
  { kept, stash, settings, problem }: WatchedEnd,
  { report }: Pick<Ports, 'report'>,
): AttemptOutcome {
  if (kept.length > 0) report({ type: 'work-kept', wpId, attempt, kept, next: showKept(wpId, kept) })
  for (const crossing of stash) {
    const next = [
      { command: `git stash apply ${crossing.commit}`, why: 'brings it back, in the worktree that it belongs to' },
    ]
    report({ type: 'stash-crossed', wpId, attempt, ...crossing, next })
  }
  for (const { cure, ...setting } of settings) {
    report({ type: 'setting-flipped', wpId, ...setting, next: [{ command: cure, why: 'puts it back' }] })
  }
  if (problem !== null) report({ type: 'not-kept', wpId, attempt, reason: problem })
  return { ...outcome, ...(stash.length > 0 && { stash }), ...(settings.length > 0 && { settings }) }
}
