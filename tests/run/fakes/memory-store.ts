import type { WpId } from '../../../src/core/ids.ts'
import { newRecord, type WpRecord } from '../../../src/core/work-package/work-package.ts'
import type { Store } from '../../../src/run/ports.ts'
import { type RunState, runState } from '../../../src/state/schema.ts'
import type { Incarnation } from './incarnation.ts'

export interface MemoryStore {
  /** What is on disk. */
  state(): RunState
  record(wpId: WpId): WpRecord
  /** Reads it as a new process would: through JSON and the schema of the file. */
  reload(): void
  store(life: Incarnation, millis: () => number, activeMs: () => number): Store
}

/** The run state as a value. */
export function createMemoryStore(initial: RunState): MemoryStore {
  let state = initial
  return {
    state: () => state,
    record: wpId => state.workPackages[wpId] ?? newRecord(wpId),
    reload: () => {
      state = runState.parse(JSON.parse(JSON.stringify(state)))
    },
    store: (life, millis, activeMs) => {
      const save = (change: () => RunState): Promise<void> =>
        life.effect(millis(), () => {
          state = { ...change(), activeMs: activeMs() }
        })
      return {
        records: () => Object.values<WpRecord>(state.workPackages),
        saveWorkPackage: record =>
          save(() => ({ ...state, workPackages: { ...state.workPackages, [record.wpId]: record } })),
        saveCooldown: (key, cooldown) =>
          save(() => {
            const { [key]: _, ...others } = state.cooldowns
            return { ...state, cooldowns: cooldown ? { ...others, [key]: cooldown } : others }
          }),
        saveFinish: finish => save(() => ({ ...state, finish })),
        start: () => state.start,
        saveStart: start => save(() => ({ ...state, start })),
        combinedFiles: tree => `/logs/combined/${tree}`,
        acceptanceFile: () => '/logs/accept-mission.json',
        prepareFiles: () => undefined,
        attemptFiles: (wpId, attempt) => `/logs/${wpId}/${attempt.role}-c${attempt.cycle}-a${attempt.number}`,
      }
    },
  }
}
