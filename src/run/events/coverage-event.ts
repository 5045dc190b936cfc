import type { AgentId, WpId } from '../../core/ids.ts'
import { namesOf } from '../../core/repository/strayed.ts'
import { oneLine } from '../../core/text.ts'
import type { Role } from '../../core/work-package/work-package.ts'

/** What is told about work that no judgement of the run covers, and about what became of the merge. */
export type CoverageEvent =
  | TakenAsGiven
  | ApprovedByOthers
  | Uncovered
  | UnreviewedShown
  | Confirmed
  | { readonly type: 'merged-by-others'; readonly targetBranch: string }
  | AcceptedByOthers
  | LanesMergedByOthers
  | { readonly type: 'unattributed'; readonly commits: readonly TargetCommit[] }
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

/** It came onto the target while attempts of these WPs ran, and neither a judgement nor a person's word covers it. */
export interface TargetCommit {
  readonly commit: string
  readonly files: readonly string[]
  readonly ran: readonly WpId[]
  /** It has files of one of these WPs: nothing is merged or accepted before a person confirms it. */
  readonly doubted: boolean
}

export interface AttemptAtTheTime {
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
}

/** The host was asked to accept the mission while the run goes on, and not by the run. It does not count. */
interface AcceptedByOthers {
  readonly type: 'accepted-by-others'
  /** Attempts that were at work then; nobody knows whether one of them did it. */
  readonly ran: readonly AttemptAtTheTime[]
  /** Where the host has recorded it. */
  readonly file: string
  /** The command that takes the host's record of it back; null: it would drop other changes of the file too. */
  readonly next: string | null
}

/** The same of a merge: lane branches of the run are gone, and the target has what was on them. */
interface LanesMergedByOthers {
  readonly type: 'lanes-merged-by-others'
  readonly branches: readonly string[]
  readonly ran: readonly AttemptAtTheTime[]
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
    case 'accepted-by-others':
      return `the host was asked to accept the mission${whileRan(event.ran)}, and not by this run: it does not count, and the run asks for it itself at its end -> ${howTakenBack(event)}`
    case 'lanes-merged-by-others':
      return `${event.branches.join(', ')} ${event.branches.length === 1 ? 'was' : 'were'} merged and removed${whileRan(event.ran)}, and not by this run: what came onto the target is looked at before this run merges or accepts -> git log shows it`
    case 'unattributed':
      return event.commits.map(unattributedLine).join('; ')
    case 'confirmed':
      return `${event.wpId} is confirmed by a person at ${event.commit.slice(0, 10)}${event.reason === null ? '' : `: ${oneLine(event.reason, 200)}`}`
    case 'pushed':
      return `pushed: ${event.remote} has ${event.targetBranch} at ${event.commit.slice(0, 10)}`
    case 'not-pushed':
      return `not pushed: ${oneLine(event.reason, 200)} -> ${event.next}`
  }
}

function howTakenBack({ file, next }: AcceptedByOthers): string {
  if (next !== null) return `${next} takes the host's record of it back`
  return `take the fields of the acceptance (accepted_at and those beside it) out of ${oneLine(file, 200)} by hand: the file has other changes that no commit has`
}

function whileRan(ran: readonly AttemptAtTheTime[]): string {
  const attempts = ran.map(({ wpId, role, agent, attempt }) => `${wpId} ${role} by ${agent} (attempt ${attempt})`)
  return ran.length === 0 ? ' while no attempt of this run was at work' : ` while ${attempts.join(', ')} ran`
}

function unattributedLine({ commit, files, ran, doubted }: TargetCommit): string {
  const what = `${commit.slice(0, 10)} (${namesOf(files)}) came onto the target while an attempt on ${ran.join(', ')} ran`
  return doubted
    ? `not merged or accepted before a person confirms it: ${what}, and has files of that`
    : `taken for a person's: ${what}`
}

function uncoveredLine({ commits, merged }: Uncovered): string {
  const lines = commits.map(({ commit, files, branch }) => {
    const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
    return `${commit.slice(0, 10)} on ${branch ?? 'no lane'} (${oneLine(files.slice(0, 3).join(', '), 200)}${more})`
  })
  const what = merged ? 'is merged, but was not reviewed by this run' : 'not merged, no review of this run covers'
  return `${what}: ${lines.join('; ')}`
}
