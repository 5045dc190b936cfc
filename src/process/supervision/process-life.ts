import { setTimeout as sleep } from 'node:timers/promises'
import { beginLife, judge, stretchMs } from '../../core/agent/liveness.ts'
import type { ProcessIdentity } from '../../core/work-package/work-package.ts'
import type { AgentEnd, AttemptControl } from '../../run/ports.ts'
import { endProcesses } from '../table/end-processes.ts'
import type { Ownership } from '../table/ownership.ts'
import { watchActivity } from './activity.ts'
import type { Exit } from './exit-status.ts'
import { cutLogs, watchLogSize } from './log-size.ts'
import { lastWrite } from './worktree-writes.ts'

export interface LifeSpec {
  /** null: its working folder is unknown, so its writes do not count as activity. */
  readonly cwd: string | null
  readonly stdoutFile: string
  /** null: the same file as stdout. */
  readonly stderrFile: string | null
  readonly timeoutSeconds: number
  /** Seconds without output, processor time or writes below `cwd` after which the process is stalled. */
  readonly inactivitySeconds: number
  /** Processor time up to this share of one core counts as idle. */
  readonly idleShare: number
  /** From TERM to KILL. */
  readonly graceSeconds: number
  /** Limit for both logs together; null: no limit. */
  readonly maxLogBytes: number | null
}

export interface Life {
  readonly leader: ProcessIdentity
  readonly exit: Promise<Exit>
  /** How long it has been running. */
  readonly ranMs: number
}

type Stop = AgentEnd & { readonly kind: 'timed-out' | 'stalled' | 'log-full' | 'aborted' }

export const aborted: Stop = { kind: 'aborted' }
/** How long after TERM processes that an agent left behind get KILL. */
export const leftoverGraceSeconds = 1

/** Watches a process from when its leader is known until it ended, or was ended, and none of its processes are left. */
export async function superviseToEnd(
  spec: LifeSpec,
  control: AttemptControl,
  life: Life,
  ownership: Ownership,
): Promise<AgentEnd> {
  ownership.claim([life.leader])
  const end = await followed(spec, control, life, ownership).catch(async error => {
    // Without a watcher it must not keep running.
    await endProcesses(ownership, spec.graceSeconds)
    throw error
  })
  const endedItself = end.kind === 'exited' || end.kind === 'signaled'
  await endProcesses(ownership, endedItself ? leftoverGraceSeconds : spec.graceSeconds)
  if (end.kind === 'log-full') cutLogs(logsOf(spec), end.bytes)
  return end
}

async function followed(spec: LifeSpec, control: AttemptControl, life: Life, ownership: Ownership) {
  await control.onSpawn(life.leader)
  return watch(spec, control, life, ownership)
}

/** Until the agent ends, or must be stopped. */
async function watch(
  spec: LifeSpec,
  { signal, onQuiet }: AttemptControl,
  { exit, ranMs }: Life,
  ownership: Ownership,
): Promise<Exit | Stop> {
  const wake = new AbortController()
  const onAbort = (): void => wake.abort()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  void exit.then(() => wake.abort())
  const limits = {
    timeoutMs: spec.timeoutSeconds * 1000,
    inactivityMs: spec.inactivitySeconds * 1000,
    idleShare: spec.idleShare,
  }
  const maxBytes = spec.maxLogBytes ?? Number.POSITIVE_INFINITY
  const logs = watchLogSize(logsOf(spec), maxBytes, () => wake.abort())
  const observe = watchActivity(logs.bytes, ownership)
  let state = beginLife(Date.now(), ranMs)
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
        const since = judged.state.quietSinceMs
        const writtenAtMs = spec.cwd === null ? null : await lastWrite(spec.cwd, since, wake.signal)
        if (wake.signal.aborted) break
        judged = judge(state, { ...stretch, writtenAtMs }, limits)
      }
      state = judged.state
      if (judged.verdict === 'timed-out') return { kind: 'timed-out', seconds: spec.timeoutSeconds }
      if (judged.verdict === 'stalled') return { kind: 'stalled', seconds: spec.inactivitySeconds }
      if (judged.verdict === 'warn') onQuiet(state.quietMs / 1000)
    }
    const stop: Stop = signal.aborted || !logs.isOver() ? aborted : { kind: 'log-full', bytes: maxBytes }
    return await Promise.race([exit, Promise.resolve(stop)])
  } finally {
    logs.stop()
    signal.removeEventListener('abort', onAbort)
  }
}

function logsOf({ stdoutFile, stderrFile }: LifeSpec): readonly string[] {
  return stderrFile === null ? [stdoutFile] : [stdoutFile, stderrFile]
}
