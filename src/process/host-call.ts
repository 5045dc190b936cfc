import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { type CallOutput, isOver, openOutput, textOf } from './call-output.ts'
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
  /** Whether git may start merge drivers in it. */
  readonly merges?: boolean
  /** When aborted, the call is stopped as at its timeout. */
  readonly signal?: AbortSignal
  /** Called when its process has ended; twice if it was made again. */
  readonly onEnded?: (process: CallProcess) => void
}

export interface CallProcess {
  /** ms since the epoch */
  readonly startedAt: number
  readonly milliseconds: number
  readonly warm: boolean
}

export type HostCallResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'signaled'; readonly signal: string }
  /** It has ended, but its exit status is not known. */
  | { readonly kind: 'status-lost'; readonly stdout: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-much-output' }
  /** The program could not be started. */
  | { readonly kind: 'spawn-failed'; readonly code: string; readonly message: string }
  /** The call could not be attempted. */
  | { readonly kind: 'not-made'; readonly message: string }

export interface StartedCall {
  /** Its process group; absent: it could not be started. */
  readonly group: number | undefined
  readonly exit: Promise<CallExit>
  /** Made by a process that had the host imported. */
  readonly warm?: boolean
}

export type CallExit =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: string }
  | { readonly kind: 'status-lost' }
  | { readonly kind: 'error'; readonly error: unknown }

/** Starts the process of a call in a session of its own. Never throws. */
export type StartCall = (call: HostCall, output: Pick<CallOutput, 'stdout' | 'stderr'>) => Promise<StartedCall>

const pollMs = 50
const longestTimerMs = 2 ** 31 - 1

/**
 * Runs one host call in its own process group: Ctrl+C in the terminal does not reach it, and it continues if we die,
 * because a killed claim can leave a half-made merge. Output goes to unlinked files instead of pipes: a background
 * process that the host leaves behind cannot make us wait, and our death breaks no pipe. Never throws.
 */
export async function runHostCall(call: HostCall, start: StartCall = spawnCall): Promise<HostCallResult> {
  let output: CallOutput
  try {
    output = await openOutput(call.stdoutFile)
  } catch (error) {
    const kept = call.stdoutFile === undefined ? '' : ` or in ${dirname(call.stdoutFile)}`
    const message = `no file for its output in the temp folder ${tmpdir()}${kept}: ${errorMessage(error)}`
    return { kind: 'not-made', message }
  }
  try {
    const started = await start(call, output)
    const startedAt = Date.now()
    const began = performance.now()
    await output.unlink()
    const result = await supervise(call, output, started)
    call.onEnded?.({ startedAt, milliseconds: performance.now() - began, warm: started.warm ?? false })
    return result
  } finally {
    await output.close()
  }
}

async function supervise(call: HostCall, output: CallOutput, { group, exit }: StartedCall): Promise<HostCallResult> {
  const tooBig = () => isOver(call.maxBytes, output)
  const first = await firstOf(exit, tooBig, Math.min(call.timeoutSeconds * 1000, longestTimerMs), call.signal)
  if (typeof first === 'string') {
    if (group !== undefined) await endGroup(group, exit)
    return { kind: first }
  }
  if (first.kind === 'error') return spawnFailed(call, first.error)
  if (first.kind === 'signaled') return first
  if (tooBig()) return { kind: 'too-much-output' }
  const stdout = await textOf(output.stdout)
  return first.kind === 'exited' ? { ...first, stdout, stderr: await textOf(output.stderr) } : { ...first, stdout }
}

/** Runs the program itself. Not execa: its types allow no descriptor above 9, and nothing else of it would be used. */
export const spawnCall: StartCall = async (call, { stdout, stderr }) => {
  try {
    const child = spawn(call.file, call.args, {
      cwd: call.cwd,
      env: { ...call.env },
      stdio: ['ignore', stdout.handle.fd, stderr.handle.fd],
      detached: true,
    })
    return { group: child.pid, exit: exitOf(child) }
  } catch (error) {
    return { group: undefined, exit: Promise.resolve({ kind: 'error', error }) }
  }
}

function exitOf(child: ChildProcess): Promise<CallExit> {
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
  exit: Promise<CallExit>,
  tooBig: () => boolean,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<CallExit | Stop> {
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

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
