import type { ReviewRecord } from './review-record.ts'

/** An in-toto Statement v1 about a merge. */
export interface Statement {
  readonly _type: typeof statementType
  /** The commit of the target after the merge, and its tree. */
  readonly subject: readonly [Subject<'gitCommit'>, Subject<'gitTree'>]
  readonly predicateType: typeof predicateType
  readonly predicate: ReviewRecord
}

interface Subject<Kind extends string> {
  /** The branch, and for its tree git's name of it: `refs/heads/main^{tree}`. */
  readonly name: string
  readonly digest: Readonly<Record<Kind, string>>
}

export const statementType = 'https://in-toto.io/Statement/v1'

/** Names the package that defines it, because the project has no domain. `docs/review-record.md` describes it. */
export const predicateType = 'pkg:npm/spec-kitty-orchestrator#review-record/v1'

export function statementOf(record: ReviewRecord, tree: string): Statement {
  const { branch, after } = record.target
  const name = branch === null ? 'HEAD' : `refs/heads/${branch}`
  return {
    _type: statementType,
    subject: [
      { name, digest: { gitCommit: after } },
      { name: `${name}^{tree}`, digest: { gitTree: tree } },
    ],
    predicateType,
    predicate: record,
  }
}
