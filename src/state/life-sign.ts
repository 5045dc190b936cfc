import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, renameSync, rmSync } from 'node:fs'

/**
 * A named pipe that the owner of the lock keeps open for reading until it ends. Whoever opens it for writing learns from
 * the kernel whether there is a reader, also where the owner's pid means nothing: in another pid namespace.
 */
export interface LifeSign {
  end(): void
}

/** Put in place only when it is open: there is no moment at which a living owner's has no reader. */
export function giveLifeSign(path: string, temporary: string): LifeSign {
  try {
    // Node has no call for it. Where there is no such program, or no pipe on this file system, there is no sign.
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

/** null: it cannot be told. */
export function hasLifeSign(path: string): boolean | null {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENXIO' ? false : null
  }
}
