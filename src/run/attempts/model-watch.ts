import { modelSwap } from '../../core/agent/model-swap.ts'
import type { WpId } from '../../core/ids.ts'
import type { Attempt, WpRecord } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'

/** Reports each model that answered in place of another one, once per run. */
export interface ModelWatch {
  ended(wpId: WpId, attempt: Attempt): void
}

/** `records`: as saved, so that a resumed run does not repeat it. */
export function createModelWatch(records: readonly WpRecord[], report: Ports['report']): ModelWatch {
  const seen = records.flatMap(({ attempts, earlierAttempts }) =>
    attempts.filter(({ number }) => number > (earlierAttempts ?? 0)),
  )
  return {
    ended: (wpId, attempt) => {
      const swap = modelSwap(attempt, seen)
      seen.push(attempt)
      const { agent, role, number } = attempt
      if (swap) report({ type: 'model-swapped', wpId, agent, role, attempt: number, ...swap })
    },
  }
}
