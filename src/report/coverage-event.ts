import type { WpId } from '../core/ids.ts'
import { oneLine } from '../core/text.ts'

/** What is told about work that no judgement of the run covers, and about what became of the merge. */
export type CoverageEvent =
  | TakenAsGiven
  | ApprovedByOthers
  | Uncovered
  | UnreviewedShown
  | Confirmed
  | { readonly type: 'merged-by-others'; readonly targetBranch: string }
  | { readonly type: 'pushed'; readonly targetBranch: string; readonly remote: string; readonly commit: string }
  | NotPushed

/** Approved or done when sko first met the mission: a person's, and not looked at. */
export interface TakenAsGiven {
  readonly type: 'taken-as-given'
  readonly wpIds: readonly WpId[]
}

/** Commits in the lane that no review covers, and that are not the WP's own: its reviewer is shown them too. */
interface UnreviewedShown {
  readonly type: 'unreviewed-shown'
  readonly wpId: WpId
  readonly ranges: readonly { readonly base: string; readonly head: string }[]
}

/** By `sko confirm`. */
export interface Confirmed {
  readonly type: 'confirmed'
  readonly wpId: WpId
  readonly commit: string
  readonly reason: string | null
}

/** Approved or done, and no judgement of ours says so: it is neither built on nor merged nor accepted. */
export interface ApprovedByOthers {
  readonly type: 'approved-by-others'
  readonly wpId: WpId
  readonly lane: string
  /** How a person says that it is right. */
  readonly next: string
}

/** Commits that no judgement covers. `merged`: they are on the target; else the merge was not asked for. */
export interface Uncovered {
  readonly type: 'uncovered'
  readonly merged: boolean
  readonly commits: readonly {
    readonly commit: string
    readonly files: readonly string[]
    readonly branch: string | null
    readonly wpIds: readonly WpId[]
  }[]
}

export interface NotPushed {
  readonly type: 'not-pushed'
  readonly targetBranch: string
  readonly remote: string | null
  readonly reason: string
  readonly next: string
}

export function describeCoverage(event: CoverageEvent): string {
  switch (event.type) {
    case 'taken-as-given':
      return `${event.wpIds.join(', ')} ${event.wpIds.length === 1 ? 'was' : 'were'} approved or done before sko began; taken as it is, without a review`
    case 'approved-by-others':
      return `${event.wpId} is ${event.lane}, but no review of this run says so: it is not built on, merged or accepted -> ${event.next}`
    case 'uncovered':
      return uncoveredLine(event)
    case 'unreviewed-shown': {
      const ranges = event.ranges.map(({ base, head }) => `${base.slice(0, 10)}..${head.slice(0, 10)}`)
      return `${event.wpId} its reviewer is also shown what is in the lane and no review covers yet: ${ranges.join(', ')}`
    }
    case 'merged-by-others':
      return `the mission was merged into ${event.targetBranch}, not by this run; what came there is looked at`
    case 'confirmed':
      return `${event.wpId} is confirmed by a person at ${event.commit.slice(0, 10)}${event.reason === null ? '' : `: ${oneLine(event.reason, 200)}`}`
    case 'pushed':
      return `pushed: ${event.remote} has ${event.targetBranch} at ${event.commit.slice(0, 10)}`
    case 'not-pushed':
      return `not pushed: ${oneLine(event.reason, 200)} -> ${event.next}`
  }
}

function uncoveredLine({ commits, merged }: Uncovered): string {
  const lines = commits.map(({ commit, files, branch }) => {
    const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
    return `${commit.slice(0, 10)} on ${branch ?? 'no lane'} (${oneLine(files.slice(0, 3).join(', '), 200)}${more})`
  })
  const what = merged ? 'is merged, but was not reviewed by this run' : 'not merged, no review of this run covers'
  return `${what}: ${lines.join('; ')}`
}
