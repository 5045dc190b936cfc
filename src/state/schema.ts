/** Placeholder types until state/ lands whole. */
export type RunPhase = 'running' | 'finished' | 'aborted'

export interface FinishProgress {
  readonly mergeStarted: boolean
  readonly merged: boolean
  readonly accepted: boolean
}
