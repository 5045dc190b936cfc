import { isHostFile, type ReviewedRange } from '../judgement/coverage.ts'
import type { ReviewRecord } from '../record/review-record.ts'

/** What the records say about commits. A range of which git lacks an end is left out: without its base it would cover too much. */
export interface RecordedEvidence {
  readonly judged: readonly JudgedRange[]
  /** These commits and their ancestors. */
  readonly confirmed: readonly OfWorkPackage<'commit'>[]
  /** These commits and their ancestors were there before the run. That is no judgement. */
  readonly given: readonly OfWorkPackage<'head'>[]
  readonly lanes: readonly LaneOfRecord[]
  /** Merges that may have made new commits of what the lanes have. */
  readonly moves: readonly Move[]
  readonly isHosts: (path: string) => boolean
}

/** An approving judgement covers what `head` has and `base` does not. */
export interface JudgedRange extends ReviewedRange {
  readonly workPackage: string
  readonly agent: string
}

type OfWorkPackage<Key extends string> = Readonly<Record<Key, string>> & { readonly workPackage: string }

export interface LaneOfRecord {
  readonly head: string
  /** The commits from which its work packages were reviewed. */
  readonly bases: readonly string[]
}

/** A target that was moved from `before` to `after`. */
export interface Move {
  /** `rebase`: also where the strategy is not known. */
  readonly kind: 'squash' | 'rebase'
  readonly before: string
  readonly after: string
  /** Heads of the lanes. */
  readonly lanes: readonly string[]
}

export function evidenceOf(records: readonly ReviewRecord[], isThere: (commit: string) => boolean): RecordedEvidence {
  const missions = new Set(records.map(({ mission }) => mission.slug))
  return {
    judged: records.flatMap(judgedIn).filter(({ base, head }) => isThere(base) && isThere(head)),
    confirmed: records.flatMap(({ confirmations }) => confirmations),
    given: records.flatMap(({ given }) =>
      given.flatMap(({ workPackage, head }) => (head === null ? [] : [{ workPackage, head }])),
    ),
    lanes: records.flatMap(({ lanes, judgements }) =>
      lanes.map(({ head, workPackages }) => {
        const own = judgements.filter(({ workPackage }) => workPackages.includes(workPackage))
        return { head, bases: own.flatMap(({ ranges }) => ranges.map(({ base }) => base)) }
      }),
    ),
    moves: records.flatMap(moveOf).filter(({ before, lanes }) => [before, ...lanes].every(isThere)),
    isHosts: path => [...missions].some(mission => isHostFile(path, mission)),
  }
}

function judgedIn({ judgements }: ReviewRecord): readonly JudgedRange[] {
  return judgements
    .filter(({ verdict }) => verdict === 'approved')
    .flatMap(({ workPackage, reviewer, ranges }) =>
      ranges.map(({ base, head }) => ({ base, head, workPackage, agent: reviewer.agent })),
    )
}

/** The strategy `merge` makes merge commits, and each of them can be compared alone. */
function moveOf({ target, lanes }: ReviewRecord): readonly Move[] {
  const { before, after, strategy } = target
  if (before === null || strategy === 'merge') return []
  return [{ kind: strategy ?? 'rebase', before, after, lanes: lanes.map(({ head }) => head) }]
}

/** All commits that the records name. */
export function commitsNamed(records: readonly ReviewRecord[]): readonly string[] {
  const named = records.flatMap(({ target, lanes, judgements, confirmations, given }) => [
    target.before,
    target.after,
    ...lanes.map(({ head }) => head),
    ...judgements.flatMap(({ ranges }) => ranges.flatMap(({ base, head }) => [base, head])),
    ...confirmations.map(({ commit }) => commit),
    ...given.map(({ head }) => head),
  ])
  return [...new Set(named.filter(commit => commit !== null))]
}
