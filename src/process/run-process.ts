import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { beginLife, judge, stretchMs } from '../core/liveness.ts'
import type { ProcessIdentity } from '../core/work-package.ts'
import type { AgentEnd, AttemptControl, SpawnFailureReason } from '../run/ports.ts'
import { watchActivity } from './activity.ts'
import { endProcesses } from './end-processes.ts'
import { identify } from './identity.ts'
import { type Ownership, trackOwned } from './ownership.ts'
import type { Marker } from './process-table.ts'
import { groupMembers } from './process-tree.ts'
import { setAside } from './set-aside.ts'
import { lastWrite } from './worktree-writes.ts'

export interface ProcessSpec {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; the marker is added to it. */
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** Read from its beginning; null: an empty standard input. */
  readonly stdinFile: string | null
  /** Made anew, mode 0600; what is there is kept as `<file>.before-<n>`. */
  readonly stdoutFile: string
  /** null: it goes where stdout goes. */
  readonly stderrFile: string | null
  readonly timeoutSeconds: number
  /** No output, no processor time and no write below `cwd` for so long: stalled. */
  readonly inactivitySeconds: number
  /** Up to this share of one core is no processor time. */
  readonly idleShare: number
  /** From TERM to KILL. */
  readonly graceSeconds: number
  /** Must be this process's alone, not the run's: whatever carries it is ended when the process has ended. */
  readonly marker: Marker
}

type Exit = AgentEnd & { readonly kind: 'exited' | 'signaled' }
type Stop = AgentEnd & { readonly kind: 'timed-out' | 'stalled' | 'aborted' }
type SpawnFailure = AgentEnd & { readonly kind: 'spawn-failed' }
interface Child {
  readonly kind: 'started'
  readonly leader: ProcessIdentity
  readonly exit: Promise<Exit>
}

const aborted: Stop = { kind: 'aborted' }
/** What an agent leaves running behind it has this long after TERM. */
const leftoverGraceSeconds = 1

/**
 * Runs one agent from its start until nothing of it is left. Output goes to the files by descriptor, never through
 * us: memory stays flat, a background process that keeps them open delays nothing, and the log goes on if we die.
 */
export async function runProcess(
  spec: ProcessSpec,
  control: AttemptControl,
): Promise<{ readonly end: AgentEnd; readonly elapsedMs: number }> {
  const startedAt = performance.now()
  const end = control.signal.aborted ? aborted : await run(spec, control)
  return { end, elapsedMs: performance.now() - startedAt }
}

async function run(spec: ProcessSpec, control: AttemptControl): Promise<AgentEnd> {
  const child = await start(spec)
  if (child.kind === 'spawn-failed') return child
  const ownership = trackOwned(spec.marker)
  ownership.claim([child.leader])
  // Its number was taken until this moment, so whatever is in its group now is ours.
  void child.exit.then(() => ownership.claim(groupMembers(child.leader.pid)))
  try {
    await control.onSpawn(child.leader)
  } catch (error) {
    await endProcesses(ownership, spec.graceSeconds)
    throw error
  }
  const end = await watch(spec, control, child, ownership)
  const endedItself = end.kind === 'exited' || end.kind === 'signaled'
  await endProcesses(ownership, endedItself ? leftoverGraceSeconds : spec.graceSeconds)
  return end
}

/** Own group and session. Plain spawn: execa's types admit no descriptor above 9, and its timers and kill no group. */
async function start(spec: ProcessSpec): Promise<Child | SpawnFailure> {
  const descriptors: number[] = []
  const open = (path: string, flags: string): number => {
    const descriptor = openSync(path, flags, 0o600)
    descriptors.push(descriptor)
    return descriptor
  }
  // What was there is not this agent's answer, least of all one that another agent put there.
  const openNew = (path: string): number => {
    setAside(path)
    return open(path, 'ax')
  }
  try {
    const stdin = spec.stdinFile === null ? 'ignore' : open(spec.stdinFile, 'r')
    const stdout = openNew(spec.stdoutFile)
    const stderr = spec.stderrFile === null ? stdout : openNew(spec.stderrFile)
    const child = spawn(spec.file, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.env, [spec.marker.name]: spec.marker.value },
      stdio: [stdin, stdout, stderr],
      detached: true,
    })
    const exit = new Promise<Exit>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(toExit(code, signal)))
    })
    // Until we wait for it even a process that has ended is in the table.
    const leader = child.pid === undefined ? null : identify(child.pid)
    if (leader !== null) return { kind: 'started', leader, exit }
    await exit
    return spawnFailed(spec, new Error('it ended at once'))
  } catch (error) {
    return spawnFailed(spec, error)
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor)
  }
}

/** Until the agent ends, or must be ended. */
async function watch(
  spec: ProcessSpec,
  { signal, onQuiet }: AttemptControl,
  child: Child,
  ownership: Ownership,
): Promise<Exit | Stop> {
  const wake = new AbortController()
  const onAbort = (): void => wake.abort()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  void child.exit.then(() => wake.abort())
  const limits = {
    timeoutMs: spec.timeoutSeconds * 1000,
    inactivityMs: spec.inactivitySeconds * 1000,
    idleShare: spec.idleShare,
  }
  const observe = watchActivity(logsOf(spec), ownership)
  let state = beginLife(Date.now())
  let seenAt = performance.now()
  try {
    for (;;) {
      const askedMs = stretchMs(state, limits)
      await sleep(askedMs, undefined, { signal: wake.signal }).catch(() => undefined)
      if (wake.signal.aborted) break
      const now = performance.now()
      const stretch = { askedMs, tookMs: now - seenAt, wallMs: Date.now(), ...observe(), writtenAtMs: null }
      seenAt = now
      let judged = judge(state, stretch, limits)
      if (judged.verdict === 'warn' || judged.verdict === 'stalled') {
        const writtenAtMs = await lastWrite(spec.cwd, judged.state.quietSinceMs, wake.signal)
        if (wake.signal.aborted) break
        judged = judge(state, { ...stretch, writtenAtMs }, limits)
      }
      state = judged.state
      if (judged.verdict === 'timed-out') return { kind: 'timed-out', seconds: spec.timeoutSeconds }
      if (judged.verdict === 'stalled') return { kind: 'stalled', seconds: spec.inactivitySeconds }
      if (judged.verdict === 'warn') onQuiet(state.quietMs / 1000)
    }
    return await Promise.race([child.exit, Promise.resolve(aborted)])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function logsOf({ stdoutFile, stderrFile }: ProcessSpec): readonly string[] {
  return stderrFile === null ? [stdoutFile] : [stdoutFile, stderrFile]
}

function toExit(code: number | null, signal: string | null): Exit {
  return signal === null ? { kind: 'exited', code: code ?? 1 } : { kind: 'signaled', signal }
}

function spawnFailed(spec: ProcessSpec, error: unknown): SpawnFailure {
  // The system answers ENOENT for both.
  if (!existsSync(spec.cwd)) return { kind: 'spawn-failed', reason: 'other', message: `there is no folder ${spec.cwd}` }
  const message = `cannot start ${spec.file}: ${error instanceof Error ? error.message : String(error)}`
  return { kind: 'spawn-failed', reason: reasonOf(error), message }
}

function reasonOf(error: unknown): SpawnFailureReason {
  if (!(error instanceof Error && 'code' in error)) return 'other'
  // An argument with a NUL byte: Node refuses it.
  if (error.code === 'ERR_INVALID_ARG_VALUE') return 'refused'
  const ofProgram = 'syscall' in error && String(error.syscall).startsWith('spawn')
  if (!ofProgram) return 'other'
  if (error.code === 'ENOENT') return 'missing-program'
  return ['EACCES', 'E2BIG', 'ENOEXEC'].some(code => code === error.code) ? 'refused' : 'other'
}
