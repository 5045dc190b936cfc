import { setTimeout as sleep } from 'node:timers/promises'
import { parseKeptRef } from '../../core/repository/kept.ts'
import type { AttemptWatch, Keeper, WatchedAttempt, WatchedEnd } from '../../run/attempts/keeper.ts'
import { gitOrThrow } from '../git.ts'
import { createSharedSettings, type SharedSettings } from '../main/shared-settings.ts'
import { createSnapshots, type Snapshots } from './attempt-watch.ts'
import { createStashWatch, type StashWatch } from './stash-watch.ts'

export interface KeeperOptions {
  readonly root: string
  readonly runId: string
  /** No earlier process of this run can have kept anything. */
  readonly isNew?: boolean
  readonly config: { readonly kept: { readonly every_seconds: number } }
}

/** After a look, pause for this many times its duration, so that looking uses at most 5 % of the time. */
const restShare = 20

/** The `keeper` port for one repository. */
export function createKeeper(options: KeeperOptions): Keeper {
  const stash = createStashWatch(options.root, options.runId, options.isNew)
  const settings = createSharedSettings(options.root)
  // The error surfaces where this promise is awaited.
  settings.catch(() => undefined)
  return {
    watch: attempt => watch(attempt, { ...options, stash, settings }),
  }
}

interface Shared extends KeeperOptions {
  readonly stash: StashWatch
  readonly settings: Promise<SharedSettings>
}

async function watch(attempt: WatchedAttempt, shared: Shared): Promise<AttemptWatch> {
  const { root, runId, stash } = shared
  const everyMs = shared.config.kept.every_seconds * 1000
  const snapshots = createSnapshots({ ...attempt, runId, repository: root })
  const over = new AbortController()
  const guard = createGuard()
  let queue: Promise<void> = Promise.resolve()
  /** Runs one at a time, because each look continues from what the previous one saw. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(() => guard.run(work))
    return queue
  }
  const look = () =>
    inTurn(async () => {
      await snapshots.look()
      stash.learn(snapshots.branch(), attempt.wpId)
      await stash.look()
    })

  await look()
  const before = await guard.value(() => treeOf(snapshots, attempt.worktree))
  void (async () => {
    let pauseMs = everyMs
    while (!over.signal.aborted) {
      await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined)
      if (over.signal.aborted) return
      const startedAt = performance.now()
      await look()
      pauseMs = Math.max(everyMs, restShare * (performance.now() - startedAt))
    }
  })()

  return {
    look,
    end: async stopped => {
      over.abort()
      if (stopped) {
        await look()
        const flipped = await guard.value(async () => (await shared.settings).flipped())
        return { ...endOf(snapshots), stash: [], settings: flipped ?? [], problem: guard.problem() }
      }
      await inTurn(async () => {
        await stash.look()
        await snapshots.end()
      })
      const after = await guard.value(() => treeOf(snapshots, attempt.worktree))
      const crossed = before && after ? await guard.value(() => stash.crossings(attempt.wpId, before, after)) : null
      const flipped = await guard.value(async () => (await shared.settings).flipped())
      return { ...endOf(snapshots), stash: crossed ?? [], settings: flipped ?? [], problem: guard.problem() }
    },
  }
}

function endOf({ losses }: Snapshots): Pick<WatchedEnd, 'kept'> {
  return { kept: losses.map(({ ref, why }) => ({ ref, why, number: parseKeptRef(ref)?.number ?? 0 })) }
}

async function treeOf(snapshots: Snapshots, worktree: string): Promise<string> {
  return snapshots.tree() ?? (await gitOrThrow(worktree, ['rev-parse', 'HEAD^{tree}'])).trim()
}

/** Remembers the first reason why something could not be kept; the attempt continues. */
function createGuard() {
  let problem: string | null = null
  const value = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      problem ??= error instanceof Error ? error.message : String(error)
      return null
    }
  }
  return {
    value,
    run: async (work: () => Promise<void>): Promise<void> => {
      await value(work)
    },
    problem: () => problem,
  }
}
