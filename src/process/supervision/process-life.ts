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
  /** null: nobody knows where it works; then its writes are no sign of life. */
  readonly cwd: string | null
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
  /** Of both logs together; null: as much as the disk takes. */
  readonly maxLogBytes: number | null
}

export interface Life {
  readonly leader: ProcessIdentity
  readonly exit: Promise<Exit>
  /** For how long it has been at work. */
  readonly ranMs: number
}

type Stop = AgentEnd & { readonly kind: 'timed-out' | 'stalled' | 'log-full' | 'aborted' }

export const aborted: Stop = { kind: 'aborted' }
/** What an agent leaves running behind it has this long after TERM. */
export const leftoverGraceSeconds = 1

/** From the moment in which the leader is known until it has ended, or was ended, and nothing of it is left. */
export async function seeThrough(
  spec: LifeSpec,
  control: AttemptControl,
  life: Life,
  ownership: Ownership,
): Promise<AgentEnd> {
  ownership.claim([life.leader])
  const end = await followed(spec, control, life, ownership).catch(async error => {
    // Nobody would follow it any more: it must not run on.
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

/** Until the agent ends, or must be ended. */
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
