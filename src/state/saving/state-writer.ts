import { durableAppend, type FileSeen, fileSeen } from '../../files/durable-append.ts'
import type { RunState } from '../schema.ts'
import { saveRunState, statePath } from '../state-file.ts'
import { createStateParts, type StateChange } from './state-parts.ts'
import { formatChange } from './state-text.ts'

export interface StateWriter {
  /** Writes the whole state. */
  replace(state: RunState): Promise<void>
  /** Appends the change to the state on disk, or writes the whole state. */
  save(change: StateChange): Promise<void>
}

/** What is on disk, by our last write. */
interface Written {
  readonly file: FileSeen
  readonly checksum: string
  /** When its changes take more room than the state itself, the whole state is written. */
  readonly mostBytes: number
  /** Whether the file and its backup know what was there before the run: without that, all of it seems to be given. */
  readonly knowsStart: boolean
  readonly backupKnowsStart: boolean
}

/**
 * A save costs what it changes: a change is appended as one line, and synced. From time to time the whole state is
 * written, also first of all by each process and after each failure, so a line never follows what we did not write.
 * A failed change reaches the disk with the next save. One call at a time. `requireLock` throws if the lock is lost.
 */
export function createStateWriter(folder: string, initial: RunState, requireLock: () => void): StateWriter {
  let parts = createStateParts(initial)
  let written: Written | null = null

  const writeWhole = async (before: Written | null): Promise<Written> => {
    const state = parts.state()
    const { text, checksum } = await saveRunState(folder, state)
    const file = await fileSeen(statePath(folder))
    const size = Buffer.byteLength(text)
    return {
      file: { ...file, size },
      checksum,
      mostBytes: 2 * size,
      knowsStart: state.start !== null,
      backupKnowsStart: before?.knowsStart ?? false,
    }
  }

  const write = async (how: (before: Written | null) => Promise<Written>): Promise<void> => {
    const before = written
    written = null
    requireLock()
    written = await how(before)
  }

  return {
    replace: state => {
      parts = createStateParts(state)
      return write(writeWhole)
    },
    save: change => {
      parts.apply(change)
      return write(async before => (before && (await append(folder, before, change))) ?? writeWhole(before))
    },
  }
}

/** null: the whole state is to be written instead. */
async function append(folder: string, before: Written, change: StateChange): Promise<Written | null> {
  const { text, checksum } = formatChange(change, before.checksum)
  const size = before.file.size + Buffer.byteLength(text)
  if (size > before.mostBytes || !before.backupKnowsStart) return null
  if (!(await durableAppend(statePath(folder), text, before.file, folder))) return null
  return { ...before, file: { ...before.file, size }, checksum, knowsStart: before.knowsStart || change.start != null }
}
