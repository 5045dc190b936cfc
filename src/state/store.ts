import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { newRun } from '../core/next-command.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { attemptUnwritable, durableWrite, makeFolder, refuseOutside } from '../files/durable-write.ts'
import type { Store } from '../run/ports.ts'
import { readRunLock } from './run-lock.ts'
import { createStateParts, type StateChange } from './saving/state-parts.ts'
import { formatState } from './saving/state-text.ts'
import { createStateWriter } from './saving/state-writer.ts'
import type { RunState } from './schema.ts'
import { loadRunState } from './state-file.ts'

export interface RunStore extends Store {
  /** As of the last requested save. It includes failed saves, which reach the disk with the next one. */
  state(): RunState
  /** How long processes of this run have been running, including this one. */
  activeMs(): number
  replaceState(state: RunState): Promise<void>
}

/** `.kittify/logs/<runId>`. Folders are 0700 and files 0600, because agents print what they read. */
export function runLogsFolder(folder: string, runId: string): string {
  return join(folder, 'logs', runId)
}

/**
 * Use only under the run lock. Saves are written one at a time, in order. `now` is not the wall clock, so setting the
 * clock or suspending the machine adds nothing to the running time.
 */
export function createStore(folder: string, initial: RunState, now = () => performance.now()): RunStore {
  const openedAt = now()
  const owner = readRunLock(folder)
  const activeMs = () => initial.activeMs + Math.max(0, now() - openedAt)
  let parts = createStateParts(initial)
  const requireLock = () => {
    if (!isDeepStrictEqual(readRunLock(folder), owner)) throw lockLost(folder, initial.mission)
  }
  const writer = createStateWriter(folder, initial, requireLock)
  let lastSave: Promise<void> = Promise.resolve()
  const inOrder = (write: () => Promise<void>): Promise<void> => {
    const save = lastSave.then(write)
    lastSave = save.catch(() => undefined)
    return save
  }
  const save = (changed: StateChange): Promise<void> => {
    const change = { ...changed, activeMs: activeMs() }
    parts.apply(change)
    return inOrder(() => writer.save(change))
  }

  return {
    state: () => parts.state(),
    activeMs,
    records: () => parts.records(),
    replaceState: next => {
      const state = { ...next, activeMs: activeMs() }
      parts = createStateParts(state)
      return inOrder(() => writer.replace(state))
    },
    saveWorkPackage: record => save({ workPackages: { [record.wpId]: record } }),
    saveCooldown: (key, cooldown) => {
      const { [key]: _, ...others } = parts.fields().cooldowns
      return save({ cooldowns: cooldown ? { ...others, [key]: cooldown } : others })
    },
    saveFinish: finish => save({ finish }),
    start: () => parts.fields().start,
    saveStart: start => save({ start }),
    acceptanceFile() {
      const logs = runLogsFolder(folder, parts.fields().runId)
      makeFolder(logs, folder)
      return join(logs, 'accept-mission.json')
    },
    prepareFiles(wpId) {
      const logs = runLogsFolder(folder, parts.fields().runId)
      makeFolder(logs, folder)
      makeOwnFolder(join(logs, wpId), folder)
    },
    combinedFiles(tree) {
      const logs = runLogsFolder(folder, parts.fields().runId)
      makeFolder(logs, folder)
      makeOwnFolder(join(logs, 'combined'), folder)
      return join(logs, 'combined', tree.slice(0, 12))
    },
    attemptFiles: (wpId, attempt) =>
      join(runLogsFolder(folder, parts.fields().runId), wpId, `${attempt.role}-c${attempt.cycle}-a${attempt.number}`),
  }
}

/** Refuses a link, through which one WP's files would be another's. */
function makeOwnFolder(path: string, root: string): void {
  try {
    refuseOutside(path, root)
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    throw attemptUnwritable(path, error)
  }
}

/** Stores an ended run's state beside its logs as `run-state.json`, then starts the new run. */
export async function startNewRun(folder: string, state: RunState, now?: () => number): Promise<RunStore> {
  const old = await loadRunState(folder)
  if (old.kind === 'unreadable') {
    throw refusal(`${old.path} cannot be read: ${old.reason}`, `Move ${old.path} away to start over.`)
  }
  if (old.kind === 'loaded') {
    if (old.state.phase === 'running') {
      throw refusal(
        `Run ${old.state.runId} of ${old.state.mission} is unfinished.`,
        'Continue it with `sko resume`, or end it with `sko abort`.',
      )
    }
    await archive(folder, old.state)
  }
  const store = createStore(folder, state, now)
  await store.replaceState(state)
  return store
}

async function archive(folder: string, old: RunState): Promise<void> {
  const logs = runLogsFolder(folder, old.runId)
  makeFolder(logs, folder)
  await durableWrite(join(logs, 'run-state.json'), formatState(old).text, folder)
}

/** The folder that exists now may have another owner. */
function lockLost(folder: string, mission: string): OrchestratorError {
  return new OrchestratorError({
    code: 'lock-lost',
    exitCode: exitCodes.needsPerson,
    message: `${folder} was removed or replaced during this run: its lock is gone, so nothing more is written there`,
    hint: 'put it back, or start a new run',
    next: [newRun(mission)],
  })
}

function refusal(message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code: 'run-exists', exitCode: exitCodes.usage, message, hint })
}
