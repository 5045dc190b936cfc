import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import type { ReviewRecord } from '../../core/record/review-record.ts'
import { beginCover, type CoveredCommit, coverAlone } from '../../core/verify/cover.ts'
import { commitsNamed, evidenceOf } from '../../core/verify/evidence.ts'
import { type ComparedMove, finishCover, openMoves } from '../../core/verify/moves.ts'
import type { Commits } from '../finish/commits.ts'
import { type GitWork, need } from '../git/git-work.ts'
import { askForFiles } from './ask-for-files.ts'

type Asked = Pick<Commits, 'existing' | 'graph' | 'changedFiles' | 'mergeDifference' | 'squashDifference'>

export interface CoveredRange {
  /** What `head` has and `base` does not, children first. */
  readonly range: readonly CoveredCommit[]
  /** Commits of lanes that a squash or a rebase in the range combines. */
  readonly ofLanes: readonly CoveredCommit[]
  /** Heads of lanes that a record about the range names, and that the repository does not have. */
  readonly missing: readonly string[]
}

/** Why each commit of the range may be there, from git and the records alone. */
export async function* coverRange(
  commits: Asked,
  { base, head }: ReviewedRange,
  records: readonly ReviewRecord[],
): GitWork<CoveredRange> {
  const there = yield* need(commits.existing(commitsNamed(records)))
  const isThere = new Set(there)
  const evidence = evidenceOf(records, commit => isThere.has(commit))
  const graph = yield* need(commits.graph([head, ...there], [base]))
  const begun = beginCover(graph, head, evidence)
  const alone = coverAlone(begun, yield* askForFiles(commits, begun.open, evidence.isHosts))
  const compared: ComparedMove[] = []
  for (const move of openMoves(begun, alone)) {
    compared.push({ ...move, odd: yield* need(commits.squashDifference(move, evidence.isHosts)) })
  }
  const inRange = new Set(begun.range.map(({ commit }) => commit))
  const heads = records.flatMap(({ target, lanes }) => (inRange.has(target.after) ? lanes.map(({ head }) => head) : []))
  return { ...finishCover(begun, alone, compared), missing: heads.filter(commit => !isThere.has(commit)) }
}
