/** When a running agent is stopped. */
export interface LifeLimits {
  readonly timeoutMs: number
  /** Time without a sign of life: warned at half of it, stopped at the end. */
  readonly inactivityMs: number
  /** The share of one core that a waiting agent uses. This much is not a sign of life. */
  readonly idleShare: number
}

export interface Liveness {
  readonly ranMs: number
  readonly quietMs: number
  /**
   * What the wall clock showed when the silence began, or earlier: a machine that slept and a clock that was set leave
   * more than one answer, and the earliest makes a write in the worktree seem as recent as it can be.
   */
  readonly quietSinceMs: number
  readonly warned: boolean
}

/** What was seen of the agent since the last look. */
export interface Stretch {
  /** How long the pause was meant to be. */
  readonly askedMs: number
  readonly tookMs: number
  /** The wall clock at its end. */
  readonly wallMs: number
  readonly outputGrew: boolean
  /** Processor time of the agent and of all its descendants. */
  readonly cpuSeconds: number
  /** Time (wall clock) of the last write in the worktree; null when it was not checked or nothing is newer. */
  readonly writtenAtMs: number | null
}

export type LifeVerdict = 'go-on' | 'warn' | 'stalled' | 'timed-out'

/** A silence is noticed at the end of a stretch, so no agent exceeds its limit by more than 5 s. */
const longestStretchMs = 4000

/** If a pause took longer than this, the rest counts as a suspended machine. On a busy machine all pauses end late. */
const lateMs = 2000

/** A wall clock that went back by more than this was set; by less, it was rounded. */
const setBackMs = 1000

export function beginLife(wallMs: number, ranMs = 0): Liveness {
  return { ranMs, quietMs: 0, quietSinceMs: wallMs, warned: false }
}

/** Time until the next look, so that there is one when the warning is due and one when the limit is reached. */
export function stretchMs({ ranMs, quietMs }: Liveness, { timeoutMs, inactivityMs }: LifeLimits): number {
  const halfMs = inactivityMs / 2
  const leftMs = (quietMs < halfMs ? halfMs : inactivityMs) - quietMs
  const looks = Math.ceil(leftMs / Math.min(longestStretchMs, inactivityMs / 4))
  return Math.min(leftMs / looks, timeoutMs - ranMs)
}

/** Whether the agent may keep running. Time in which the machine slept or we were stopped does not count. */
export function judge(
  before: Liveness,
  stretch: Stretch,
  { timeoutMs, inactivityMs, idleShare }: LifeLimits,
): { readonly state: Liveness; readonly verdict: LifeVerdict } {
  const passedMs = Math.min(stretch.tookMs, stretch.askedMs + lateMs)
  const worked = stretch.outputGrew || stretch.cpuSeconds > (passedMs / 1000) * idleShare
  const ranMs = before.ranMs + passedMs
  const silence = worked ? beginLife(stretch.wallMs) : longerSilence(before, passedMs, stretch)
  const state = { ...silence, ranMs }
  if (ranMs >= timeoutMs) return { state, verdict: 'timed-out' }
  if (state.quietMs >= inactivityMs) return { state, verdict: 'stalled' }
  if (state.warned || state.quietMs < inactivityMs / 2) return { state, verdict: 'go-on' }
  return { state: { ...state, warned: true }, verdict: 'warn' }
}

function longerSilence(before: Liveness, passedMs: number, { wallMs, writtenAtMs }: Stretch): Liveness {
  const quietMs = before.quietMs + passedMs
  const beganMs = wallMs - quietMs
  const quietSinceMs = beganMs < before.quietSinceMs - setBackMs ? beganMs : before.quietSinceMs
  if (writtenAtMs === null || writtenAtMs <= quietSinceMs) return { ...before, quietMs, quietSinceMs }
  // The silence began with that write.
  const leftMs = Math.max(0, quietMs - (writtenAtMs - quietSinceMs))
  return { ...before, quietMs: leftMs, quietSinceMs: writtenAtMs, warned: false }
}
