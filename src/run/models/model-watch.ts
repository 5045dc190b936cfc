import { modelSwap } from '../../core/agent/model-swap.ts'
import { fieldsWithoutUse, shownValue, type WpAsks } from '../../core/agent/wp-model.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { Attempt, WpRecord } from '../../core/work-package/work-package.ts'
import type { WpModelNotUsed } from '../events/model-event.ts'
import type { Ports } from '../ports.ts'

/** Reports about the models of a run, each once. */
export interface ModelWatch {
  /** Reports another model than was asked for. */
  ended(wpId: WpId, attempt: Attempt): void
  /** Reports what the frontmatter of a WP asks for and sko has no use for. */
  read(wpId: WpId, asks: WpAsks, agent: AgentId): void
  /** Reports that the model of a WP is not used. */
  refused(refusal: Omit<WpModelNotUsed, 'type'>): void
}

/** `records`: as saved, so that a resumed run does not repeat a swap. */
export function createModelWatch(records: readonly WpRecord[], report: Ports['report']): ModelWatch {
  const seen = records.flatMap(({ attempts, earlierAttempts }) =>
    attempts.filter(({ number }) => number > (earlierAttempts ?? 0)),
  )
  const reported = new Set<string>()
  const isNew = (...key: readonly string[]): boolean => {
    const size = reported.size
    return reported.add(JSON.stringify(key)).size > size
  }
  return {
    ended: (wpId, attempt) => {
      const swap = modelSwap(attempt, seen)
      seen.push(attempt)
      const { agent, role, number } = attempt
      if (swap) report({ type: 'model-swapped', wpId, agent, role, attempt: number, ...swap })
    },
    read: (wpId, asks, agent) => {
      for (const [field, value] of fieldsWithoutUse(asks, agent)) {
        if (isNew('field', field)) report({ type: 'wp-field-not-used', wpId, field, value: shownValue(value) })
      }
    },
    refused: refusal => {
      const { wpId, agent, role, reason } = refusal
      if (isNew('model', wpId, agent, role, reason)) report({ type: 'wp-model-not-used', ...refusal })
    },
  }
}
