import type { WpId } from '../../core/ids.ts'
import {
  ancestry,
  asRanges,
  firstParents,
  type GraphCommit,
  hostFilesOf,
  type LaneLine,
  madeOnTarget,
  oddFiles,
  type ReviewedRange,
  uncovered,
} from '../../core/judgement/coverage.ts'
import { reviewedRanges } from '../../core/judgement/vouching.ts'
import type { MergedLane } from '../../core/mission/finish-progress.ts'
import type { WpRecord } from '../../core/work-package/work-package.ts'
import { type GitWork, need } from '../git/git-work.ts'
import { missionBranch } from '../requests/vouching.ts'
import type { RunContext } from '../run-context.ts'
import { askForFiles } from '../verify/ask-for-files.ts'

/** A commit that no judgement covers. */
export interface UncoveredCommit {
  readonly commit: string
  /** For a merge: the files that differ from what git makes of its parents. */
  readonly files: readonly string[]
  /** The lane branch in whose first-parent history it is; null when there is none. */
  readonly branch: string | null
  /** WPs that use this lane. */
  readonly wpIds: readonly WpId[]
}

export interface Question {
  /** Heads that would be merged, or were merged: commits or names. */
  readonly tips: readonly string[]
  readonly lanes: readonly MergedLane[]
  /** The target before the merge, a commit or a name; null when it is not known. */
  readonly target: string | null
  /** Ranges that reviewers are shown, or will be shown, but have not judged yet. */
  readonly awaited?: readonly ReviewedRange[]
}

type Asker = Pick<RunContext, 'mission' | 'ports'>

/** New commits in `tips` that neither the host made nor a judgement covers. */
export async function* uncoveredCommits(
  run: Asker,
  records: readonly WpRecord[],
  question: Question,
): GitWork<readonly UncoveredCommit[]> {
  const { graph, open } = yield* lookAt(run, records, question)
  return open.map(({ commit, files }) => {
    const lane = question.lanes.find(({ head }) => firstParents(graph, head).includes(commit))
    return { commit, files, branch: lane?.branch ?? null, wpIds: lane?.wpIds ?? [] }
  })
}

/** The same as ranges that can be shown to a reviewer. */
export async function* uncoveredRanges(
  run: Asker,
  records: readonly WpRecord[],
  question: Question,
): GitWork<readonly ReviewedRange[]> {
  return asRanges((yield* lookAt(run, records, question)).open)
}

interface LookedAt {
  readonly graph: readonly GraphCommit[]
  readonly open: readonly OddCommit[]
}

/** With its files that need a judgement; may be empty. */
type OddCommit = GraphCommit & Pick<UncoveredCommit, 'files'>

async function* lookAt(run: Asker, records: readonly WpRecord[], question: Question): GitWork<LookedAt> {
  const { lanes, awaited = [] } = question
  const { commits, store } = run.ports
  const start = store.start() ?? { commits: [], given: {} }
  const vouched = records.flatMap(({ confirmed }) => (confirmed ? [confirmed.commit, ...(confirmed.before ?? [])] : []))
  const given = [...Object.values(start.given).filter(head => head !== null), ...vouched]
  const asked = [...records.flatMap(reviewedRanges), ...awaited]
  const { tips, ranges, mission, target } = yield* resolved(run, question, asked)
  const lines = linesOf(records, lanes)
  const wanted = [
    ...tips,
    ...given,
    ...ranges.flatMap(({ base, head }) => [base, head]),
    ...lines.map(line => line.tip),
    ...(target === null ? [] : [target]),
    ...(mission === null ? [] : [mission]),
  ]
  const graph = yield* need(commits.graph(wanted, start.commits))
  const onTarget = target === null ? new Set<string>() : madeOnTarget(graph, target, lines)
  const evidence = { given, reviewed: ranges, accepted: onTarget }
  // The host records lanes on the mission's own branch and on the target. In a lane, someone else made such a change.
  const recorded = new Set([
    ...ancestry(graph)(mission === null ? [] : [mission]),
    ...tips.flatMap(tip => (lanes.some(({ head }) => head === tip) ? [] : firstParents(graph, tip))),
  ])
  const isHosts = hostFilesOf(run.mission)
  const found = uncovered(graph, tips, evidence)
  const files = yield* askForFiles(commits, found, isHosts)
  const open = found.map(at => ({
    ...at,
    files: oddFiles(at, files(at.commit), { isHosts, mayBeHosts: recorded.has(at.commit) }),
  }))
  return { graph, open: open.filter(({ files: odd }) => odd.length > 0) }
}

interface Resolved extends Pick<Question, 'tips' | 'target'> {
  readonly mission: string | null
  readonly ranges: readonly ReviewedRange[]
}

/** What the names stand for at one moment, without ranges with an end that git no longer has. */
async function* resolved(run: Asker, { tips, target }: Question, ranges: readonly ReviewedRange[]): GitWork<Resolved> {
  const mission = missionBranch(run.mission)
  const ends = ranges.flatMap(({ base, head }) => [base, head])
  const names = [...new Set([mission, ...tips, ...(target === null ? [] : [target]), ...ends])]
  const commits = yield* need(run.ports.commits.resolveAll(names))
  const there = new Map(names.map((name, n) => [name, commits[n] ?? null]))
  return {
    mission: there.get(mission) ?? null,
    tips: tips.flatMap(name => there.get(name) ?? []),
    target: target === null ? null : (there.get(target) ?? null),
    ranges: ranges.filter(({ base, head }) => there.get(base) && there.get(head)),
  }
}

/** The histories of the lanes. For a lane that is gone, the commits that its attempts recorded. */
function linesOf(records: readonly WpRecord[], lanes: readonly MergedLane[]): readonly LaneLine[] {
  const first = (record: WpRecord) => record.attempts.find(({ role }) => role === 'implementation')
  const startOf = (record: WpRecord) => first(record)?.baseCommit ?? null
  const now = lanes.map(({ head, wpIds }) => {
    const begun = records.filter(({ wpId }) => wpIds.includes(wpId)).flatMap(record => first(record) ?? [])
    const [oldest] = begun.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    return { tip: head, from: oldest?.baseCommit ?? null }
  })
  const then = records.flatMap(record =>
    record.attempts.flatMap(({ headCommit }) =>
      headCommit === null ? [] : [{ tip: headCommit, from: startOf(record) }],
    ),
  )
  return [...now, ...then]
}
