import { listed } from '../../core/format.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import { namesOf } from '../../core/repository/strayed.ts'
import { oneLine } from '../../core/text.ts'
import type { Role } from '../../core/work-package/work-package.ts'

/** Events about work that no judgement of the run covers, and about the merge. */
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

/** These WPs were approved or done when sko first read the mission. They are not reviewed. */
export interface TakenAsGiven {
  readonly type: 'taken-as-given'
  readonly wpIds: readonly WpId[]
}

/** Commits in the lane that no review covers and that the WP did not make. Its reviewer is shown them too. */
interface UnreviewedShown {
  readonly type: 'unreviewed-shown'
  readonly wpId: WpId
  readonly ranges: readonly { readonly base: string; readonly head: string }[]
}

/** A commit added to the target while attempts of these WPs ran. No judgement and no `sko confirm` covers it. */
export interface TargetCommit {
  readonly commit: string
  readonly files: readonly string[]
  readonly ran: readonly WpId[]
  /** True when it changes files of one of these WPs: nothing is merged or accepted until a person confirms it. */
  readonly doubted: boolean
}

export interface AttemptAtTheTime {
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
}

/** The host was asked to accept the mission during the run, but not by the run. That acceptance does not count. */
interface AcceptedByOthers {
  readonly type: 'accepted-by-others'
  /** Attempts that were running then. It is not known whether one of them did it. */
  readonly ran: readonly AttemptAtTheTime[]
  /** The file in which the host recorded it. */
  readonly file: string
  /** What removes the host's record; empty when it would also drop other changes of the file. */
  readonly next: readonly NextCommand[]
}

/** The same for a merge: lane branches of the run are gone, and the target has their content. */
interface LanesMergedByOthers {
  readonly type: 'lanes-merged-by-others'
  readonly branches: readonly string[]
  readonly ran: readonly AttemptAtTheTime[]
  readonly next: readonly NextCommand[]
}

/** By `sko confirm`. */
export interface Confirmed {
  readonly type: 'confirmed'
  readonly wpId: WpId
  readonly commit: string
  readonly reason: string | null
}

/** The WP is approved or done without a judgement of this run: sko does not build on it, merge it or accept it. */
export interface ApprovedByOthers {
  readonly type: 'approved-by-others'
  readonly wpId: WpId
  readonly lane: string
  /** How a person confirms it. */
  readonly next: readonly NextCommand[]
}

/** Commits that no judgement covers. `merged`: they are on the target; otherwise the merge was not asked for. */
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
  readonly next: readonly NextCommand[]
}

export function describeCoverage(event: CoverageEvent): string {
  switch (event.type) {
    case 'taken-as-given':
      return `${listed(event.wpIds)} ${event.wpIds.length === 1 ? 'was' : 'were'} approved or done before sko started; used as it is, without a review`
    case 'approved-by-others':
      return `${event.wpId} is ${event.lane}, but not by a review of this run: sko does not build on it, merge it or accept it`
    case 'uncovered':
      return uncoveredLine(event)
    case 'unreviewed-shown': {
      const ranges = event.ranges.map(({ base, head }) => `${base.slice(0, 10)}..${head.slice(0, 10)}`)
      return `${event.wpId} its reviewer is also shown commits of the lane that no review covers yet: ${ranges.join(', ')}`
    }
    case 'merged-by-others':
      return `the mission was merged into ${event.targetBranch}, but not by this run; sko checks what was merged`
    case 'accepted-by-others':
      return `the host was asked to accept the mission${whileRan(event.ran)}, but not by this run: that does not count, and the run asks the host itself at its end${byHand(event)}`
    case 'lanes-merged-by-others':
      return `${event.branches.join(', ')} ${event.branches.length === 1 ? 'was' : 'were'} merged and removed${whileRan(event.ran)}, but not by this run: sko checks what is on the target before it merges or accepts`
    case 'unattributed':
      return event.commits.map(unattributedLine).join('; ')
    case 'confirmed':
      return `${event.wpId} is confirmed by a person at ${event.commit.slice(0, 10)}${event.reason === null ? '' : `: ${oneLine(event.reason, 200)}`}`
    case 'pushed':
      return `pushed: ${event.remote} has ${event.targetBranch} at ${event.commit.slice(0, 10)}`
    case 'not-pushed':
      return `not pushed: ${oneLine(event.reason, 200)}`
  }
}

function byHand({ file, next }: AcceptedByOthers): string {
  if (next.length > 0) return ''
  return ` -> remove the fields of the acceptance (accepted_at and those next to it) from ${oneLine(file, 200)} by hand: the file has other uncommitted changes`
}

function whileRan(ran: readonly AttemptAtTheTime[]): string {
  const attempts = ran.map(({ wpId, role, agent, attempt }) => `${wpId} ${role} by ${agent} (attempt ${attempt})`)
  return ran.length === 0 ? ' while no attempt of this run was running' : ` while ${attempts.join(', ')} ran`
}

function unattributedLine({ commit, files, ran, doubted }: TargetCommit): string {
  const what = `${commit.slice(0, 10)} (${namesOf(files)}) was added to the target while an attempt on ${ran.join(', ')} ran`
  return doubted
    ? `not merged or accepted until a person confirms it: ${what}, and changes files of that work`
    : `assumed to be a person's commit: ${what}`
}

function uncoveredLine({ commits, merged }: Uncovered): string {
  const lines = commits.map(({ commit, files, branch }) => {
    const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
    return `${commit.slice(0, 10)} on ${branch ?? 'no lane'} (${oneLine(files.slice(0, 3).join(', '), 200)}${more})`
  })
  const what = merged ? 'merged without a review by this run' : 'not merged, because no review of this run covers it'
  return `${what}: ${lines.join('; ')}`
}
