import type { Obstacle } from '../core/explain/entry.ts'
import { brief } from '../core/explain/recorded.ts'
import type { Loop } from './loop.ts'

/** What keeps the loop from beginning anything now; null: nothing does. `leavesOut`: some WPs that could begin do not. */
export function obstacleIn({ run, watch, failures, known }: Loop, leavesOut: boolean): Obstacle | null {
  const trouble = watch.trouble()
  if (trouble) return { kind: 'mission-unclear', reason: brief(trouble.reason) }
  if (run.stopping.aborted) return { kind: 'stopping' }
  if (failures.length > 0) return { kind: 'failing' }
  if (known().paused) return { kind: 'paused' }
  if (!run.mayBegin()) return { kind: 'draining' }
  return leavesOut ? { kind: 'only-lasting-trouble' } : null
}
