import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, renameSync, rmSync } from 'node:fs'

/**
 * A named pipe that the owner of the lock keeps open for reading until it ends. A process that opens it for writing
 * learns from the kernel whether there is a reader. This works across pid namespaces, where the owner's pid has no
 * meaning.
 */
export interface LivenessPipe {
  end(): void
}

/** It is put in place only when open, so a living owner's pipe always has a reader. */
export function openLivenessPipe(path: string, temporary: string): LivenessPipe {
  try {
    // Node has no call for it. Without the program, or if the file system has no pipes, there is no sign.
    spawnSync('mkfifo', ['-m', '600', temporary], { stdio: 'ignore' })
    const descriptor = openSync(temporary, constants.O_RDONLY | constants.O_NONBLOCK)
    renameSync(temporary, path)
    return {
      end: () => {
        closeSync(descriptor)
        rmSync(path, { force: true })
      },
    }
  } catch {
    return { end: () => undefined }
  }
}

/** null: it cannot be determined. */
export function hasLivenessReader(path: string): boolean | null {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENXIO' ? false : null
  }
}
