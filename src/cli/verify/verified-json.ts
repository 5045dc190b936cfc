import { plainJson } from '../../core/text.ts'
import type { CoveredCommit } from '../../core/verify/cover.ts'
import type { Verified } from './verified.ts'

/** For a program; docs/verify.md describes each field. */
export function verifiedJson(found: Verified, areSigned: boolean): string {
  const { chosen, range, ofLanes, missing, uncovered, records, isProven } = found
  const { base, head, since, isGone } = chosen
  return `${plainJson({
    schema_version: 1,
    proven: isProven,
    range: { base, head, since: since?.target.after ?? null, moved: isGone },
    commits: range.map(commitJson),
    lane_commits: ofLanes.map(commitJson),
    missing_lanes: missing,
    uncovered: uncovered.map(({ commit, subject, author, files, given }) => {
      return { commit, subject, author, files, given }
    }),
    records: records.map(({ place, record, signers, broken }) => {
      return { place, mission: record?.mission.slug ?? null, signers, broken }
    }),
    signatures: areSigned ? 'checked' : 'not-checked',
  })}\n`
}

function commitJson({ commit, cover }: CoveredCommit) {
  const name = cover.kind === 'none' ? 'uncovered' : cover.kind
  if (cover.kind === 'judged') {
    return { commit, cover: name, work_package: cover.workPackage, agent: cover.agent }
  }
  return cover.kind === 'confirmed' ? { commit, cover: name, work_package: cover.workPackage } : { commit, cover: name }
}
