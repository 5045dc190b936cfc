import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, fstatSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setAside } from '../files/set-aside.ts'
import { endGroup } from './process-group.ts'

export interface HostCall {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  /** Limit of stdout and of stderr, each. */
  readonly maxBytes: number
  /** The file that receives stdout; an existing one is set aside. */
  readonly stdoutFile?: string | undefined
  /** When aborted, the call is stopped as at its timeout. */
  readonly signal?: AbortSignal
}

export type HostCallResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'signaled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-much-output' }
  /** The program could not be started. */
  | { readonly kind: 'spawn-failed'; readonly code: string; readonly message: string }
  /** The call could not be attempted. */
  | { readonly kind: 'not-made'; readonly message: string }

const pollMs = 50
const longestTimerMs = 2 ** 31 - 1

/**
 * Runs one host call in its own process group: Ctrl+C in the terminal does not reach it, and it continues if we die,
 * because a killed claim can leave a half-made merge. Output goes to unlinked files instead of pipes: a background
 * process that the host leaves behind cannot make us wait, and our death breaks no pipe. Never throws.
 */
export async function runHostCall(call: HostCall): Promise<HostCallResult> {
  let files: readonly [FileHandle, FileHandle]
  try {
    files = await openOutput(call.stdoutFile)
  } catch (error) {
    const kept = call.stdoutFile === undefined ? '' : ` or in ${dirname(call.stdoutFile)}`
    const message = `no file for its output in the temp folder ${tmpdir()}${kept}: ${errorMessage(error)}`
    return { kind: 'not-made', message }
  }
  try {
    return await run(call, files)
  } finally {
    await Promise.allSettled(files.map(file => file.close()))
  }
}

async function run(call: HostCall, [stdout, stderr]: readonly [FileHandle, FileHandle]): Promise<HostCallResult> {
  const tooBig = () => [stdout, stderr].some(file => fstatSync(file.fd).size > call.maxBytes)
  let exit: Promise<Exit>
  let group: number | undefined
  try {
    // Not execa: its types allow no descriptor above 9, and nothing else of it would be used here.
    const child = spawn(call.file, call.args, {
      cwd: call.cwd,
      env: { ...call.env },
      stdio: ['ignore', stdout.fd, stderr.fd],
      detached: true,
    })
    group = child.pid
    exit = exitOf(child)
  } catch (error) {
    return spawnFailed(call, error)
  }
  const first = await firstOf(exit, tooBig, Math.min(call.timeoutSeconds * 1000, longestTimerMs), call.signal)
  if (typeof first === 'string') {
    if (group !== undefined) await endGroup(group, exit)
    return { kind: first }
  }
  if (first.kind === 'error') return spawnFailed(call, first.error)
  if (first.kind === 'signaled') return first
  if (tooBig()) return { kind: 'too-much-output' }
  return { ...first, stdout: await contents(stdout), stderr: await contents(stderr) }
}

type Exit =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: string }
  | { readonly kind: 'error'; readonly error: Error }

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise(resolve => {
    child.once('error', error => resolve({ kind: 'error', error }))
    child.once('exit', (exitCode, signal) =>
      resolve(exitCode === null ? { kind: 'signaled', signal: signal ?? 'a signal' } : { kind: 'exited', exitCode }),
    )
  })
}

function spawnFailed(call: HostCall, error: unknown): HostCallResult {
  // The system answers ENOENT for both.
  if (!existsSync(call.cwd)) return { kind: 'not-made', message: `there is no folder ${call.cwd}` }
  return { kind: 'spawn-failed', code: errorCode(error), message: errorMessage(error) }
}

type Stop = 'timed-out' | 'too-much-output'

/** Whichever comes first: the process exits, the time is up, or there is too much output. */
async function firstOf(
  exit: Promise<Exit>,
  tooBig: () => boolean,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Exit | Stop> {
  let timer: NodeJS.Timeout | undefined
  let poll: NodeJS.Timeout | undefined
  let onAbort = (): void => undefined
  const stop = new Promise<Stop>(resolve => {
    onAbort = () => resolve('timed-out')
    timer = setTimeout(onAbort, timeoutMs)
    poll = setInterval(() => tooBig() && resolve('too-much-output'), pollMs)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
  try {
    return await Promise.race([exit, stop])
  } finally {
    clearTimeout(timer)
    clearInterval(poll)
    signal?.removeEventListener('abort', onAbort)
  }
}

async function openOutput(stdoutFile: string | undefined): Promise<readonly [FileHandle, FileHandle]> {
  const folder = await mkdtemp(join(tmpdir(), 'sko-host-'))
  try {
    if (stdoutFile !== undefined) setAside(stdoutFile)
    const stdout = await open(stdoutFile ?? join(folder, 'stdout'), 'wx+', 0o600)
    try {
      return [stdout, await open(join(folder, 'stderr'), 'wx+', 0o600)]
    } catch (error) {
      await stdout.close()
      throw error
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Reads with explicit positions: the process that writes the file shares its offset. */
async function contents(file: FileHandle): Promise<string> {
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
