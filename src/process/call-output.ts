import { fstatSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setAside } from '../files/set-aside.ts'

/** The files that receive what a call prints, open for reading and writing. */
export interface CallOutput {
  readonly stdout: OutputFile
  readonly stderr: OutputFile
  /** Unlinks the files, except the one that was asked for. What is open stays readable. */
  unlink(): Promise<void>
  close(): Promise<void>
}

export interface OutputFile {
  readonly path: string
  readonly handle: FileHandle
}

/** `stdoutFile`: an existing one is set aside. Throws when the disk refuses. */
export async function openOutput(stdoutFile: string | undefined): Promise<CallOutput> {
  const folder = await mkdtemp(join(tmpdir(), 'sko-host-'))
  // A folder that stays in the temp folder harms no call.
  const unlink = () => rm(folder, { recursive: true, force: true }).catch(() => undefined)
  try {
    if (stdoutFile !== undefined) setAside(stdoutFile)
    const stdout = await openNew(stdoutFile ?? join(folder, 'stdout'))
    try {
      const stderr = await openNew(join(folder, 'stderr'))
      const close = async () => void (await Promise.allSettled([stdout.handle.close(), stderr.handle.close()]))
      return { stdout, stderr, unlink, close }
    } catch (error) {
      await stdout.handle.close()
      throw error
    }
  } catch (error) {
    await unlink()
    throw error
  }
}

async function openNew(path: string): Promise<OutputFile> {
  return { path, handle: await open(path, 'wx+', 0o600) }
}

export function isOver(maxBytes: number, { stdout, stderr }: CallOutput): boolean {
  return [stdout, stderr].some(({ handle }) => fstatSync(handle.fd).size > maxBytes)
}

/** Reads with explicit positions: the process that writes the file may share its offset. */
export async function textOf({ handle }: OutputFile): Promise<string> {
  const { size } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

export async function inodeOf({ handle }: OutputFile): Promise<string> {
  return String((await handle.stat({ bigint: true })).ino)
}
