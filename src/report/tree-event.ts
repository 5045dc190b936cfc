import type { Event, ReviewerChangedTree, TreePutBack } from '../run/events/event.ts'

export type TreeEvent = Extract<
  Event,
  { type: 'work-committed' | 'subtasks-marked' | 'reviewer-changed-tree' | 'tree-put-back' | 'commits-on-top' }
>

/** What becomes of the files of a WP, in words. */
export function describeTree(event: TreeEvent): string {
  switch (event.type) {
    case 'work-committed':
      return `${event.wpId} committed ${event.commit.slice(0, 10)}: ${event.message}`
    case 'subtasks-marked':
      return `${event.wpId} marked ${event.subtasks.join(', ')} as done, on the agent's word`
    case 'reviewer-changed-tree':
      return `${event.wpId} the tree was changed while ${event.agent} reviewed it; ${putBack(event)}`
    case 'tree-put-back': {
      const when = event.during === 'checks' ? 'by the checks' : 'while no attempt of this run was watched'
      return `${event.wpId} the tree was changed ${when}; ${putBack(event)}`
    }
    case 'commits-on-top':
      return `${event.wpId} has ${event.commits} commit(s) that were made after its reviewer had ended; they stay and are reviewed, at ${event.head.slice(0, 10)}`
  }
}

function putBack({ wpId, since, kept, patch }: ReviewerChangedTree | TreePutBack): string {
  const file = patch === null ? '' : `; as a patch: ${patch}`
  const number = kept.slice(kept.lastIndexOf('/') + 1)
  return `put back, the change is kept: git diff ${since.slice(0, 10)} ${kept}${file} -> to have it again: sko kept ${wpId} --restore ${number}`
}
