import type { Event, TreeChangedDuringReview, TreePutBack } from '../run/events/event.ts'

export type TreeEvent = Extract<
  Event,
  { type: 'work-committed' | 'subtasks-marked' | 'tree-changed-during-review' | 'tree-put-back' | 'commits-on-top' }
>

/** Describes what happened to the files of a WP. */
export function describeTree(event: TreeEvent): string {
  switch (event.type) {
    case 'work-committed':
      return `${event.wpId} committed ${event.commit.slice(0, 10)}: ${event.message}`
    case 'subtasks-marked':
      return `${event.wpId} marked ${event.subtasks.join(', ')} as done, on the agent's word`
    case 'tree-changed-during-review':
      return `${event.wpId} its files changed while ${event.agent} reviewed them; ${putBack(event)}`
    case 'tree-put-back': {
      const when = event.during === 'checks' ? 'while the checks ran' : 'while neither an attempt nor a check ran'
      return `${event.wpId} its files changed ${when}; ${putBack(event)}`
    }
    case 'commits-on-top':
      return `${event.wpId} has ${event.commits} commit(s) made after its reviewer ended; they stay and are reviewed, at ${event.head.slice(0, 10)}`
  }
}

function putBack({ kept, patch }: TreeChangedDuringReview | TreePutBack): string {
  return `sko put them back and kept the change: ${kept}${patch === null ? '' : `; as a patch: ${patch}`}`
}
