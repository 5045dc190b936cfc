/** Where an agent's life ends that it does not end itself. */
export interface LifeLimits {
  readonly timeoutMs: number
  /** Without a sign of life: warned at half, stopped at the whole. */
  readonly inactivityMs: number
  /** What share of one core the agent takes while it only waits: so much is no work, however long it adds up. */
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

/** What was seen of the agent since it was last looked at. */
export interface Stretch {
  /** How long we meant to wait, and how long it took. */
  readonly askedMs: number
  readonly tookMs: number
  /** The wall clock at its end. */
  readonly wallMs: number
  readonly outputGrew: boolean
  /** Processor time of the agent and of all that it started. */
  readonly cpuSeconds: number
  /** Change time (wall clock) of what was last written in the worktree; null: not looked at, or nothing that is newer. */
  readonly writtenAtMs: number | null
}

export type LifeVerdict = 'go-on' | 'warn' | 'stalled' | 'timed-out'

/** A silence is noticed at the end of the stretch in which it began: no agent outlives its limit by more than 5 s. */
const longestStretchMs = 4000

/** What a pause took beyond this was a suspended machine. Not the whole pause: all may end late on a busy one. */
const lateMs = 2000

/** A wall clock that goes back by more than this against ours was set; by less it was rounded. */
const setBackMs = 1000

export function beginLife(wallMs: number, ranMs = 0): Liveness {
  return { ranMs, quietMs: 0, quietSinceMs: wallMs, warned: false }
}

/** Until the next look: so that one comes when the silence is to be warned of, and one when it is to end. */
export function stretchMs({ ranMs, quietMs }: Liveness, { timeoutMs, inactivityMs }: LifeLimits): number {
  const halfMs = inactivityMs / 2
  const leftMs = (quietMs < halfMs ? halfMs : inactivityMs) - quietMs
  const looks = Math.ceil(leftMs / Math.min(longestStretchMs, inactivityMs / 4))
  return Math.min(leftMs / looks, timeoutMs - ranMs)
}

/** Whether the agent may live on. Time during which the machine slept, or we were stopped, does not count. */
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
