import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import type { ReviewRecord } from '../../core/record/review-record.ts'
import { oneLine } from '../../core/text.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { Commits } from '../finish/commits.ts'

type Asked = Pick<Commits, 'resolve' | 'isAncestor'>

export interface ChosenRange extends ReviewedRange {
  /** The record whose `before` is the base; null: a person named the base. */
  readonly since: ReviewRecord | null
  /** `head` does not contain what that record says was merged. */
  readonly isGone: boolean
}

/**
 * `base..head` as it is named. A single commit, or HEAD, is looked at from where the last recorded merge in it began. An
 * older merge would not do: the planning of the next mission always follows it, and no record covers that.
 */
export async function whichRange(
  commits: Asked,
  text: string | null,
  records: readonly ReviewRecord[],
): Promise<ChosenRange> {
  const named = text ?? 'HEAD'
  const ends = named.split('..')
  if (ends.length === 1) return sinceLastMerge(commits, named, await commitOf(commits, named), records)
  if (ends.length > 2 || named.includes('...')) {
    throw usage(`${oneLine(named)} is not a range`, 'name it as <base>..<head>, for example main..HEAD')
  }
  const [base = '', head = ''] = ends
  return {
    base: await commitOf(commits, base || 'HEAD'),
    head: await commitOf(commits, head || 'HEAD'),
    since: null,
    isGone: false,
  }
}

async function commitOf(commits: Asked, name: string): Promise<string> {
  const found = await commits.resolve(name)
  if (found !== null) return found
  throw usage(`there is no commit ${oneLine(name)} here`, 'git log --all --oneline lists what there is')
}

async function sinceLastMerge(
  commits: Asked,
  name: string,
  head: string,
  records: readonly ReviewRecord[],
): Promise<ChosenRange> {
  const merged = await lastIn(commits, head, records, ({ target }) => target.after)
  const since = merged ?? (await lastIn(commits, head, records, ({ target }) => target.before))
  const base = since?.target.before ?? null
  if (since !== null && base !== null) return { base, head, since, isGone: merged === null }
  throw usage(
    `no record says from where to look at ${oneLine(name)}`,
    `name the range as <base>..<head>, for example main..${oneLine(name)}`,
  )
}

/** The record of the youngest commit that `head` contains; null: it contains none. */
async function lastIn(
  commits: Asked,
  head: string,
  records: readonly ReviewRecord[],
  commitIn: (record: ReviewRecord) => string | null,
): Promise<ReviewRecord | null> {
  const youngestFirst = records
    .filter(({ target }) => target.before !== null)
    .toSorted((a, b) => b.run.recordedAt.localeCompare(a.run.recordedAt))
  let last: { readonly record: ReviewRecord; readonly commit: string } | null = null
  for (const record of youngestFirst) {
    const commit = commitIn(record)
    if (commit === null || !(await commits.isAncestor(commit, head))) continue
    const isLater = last === null || (commit !== last.commit && (await commits.isAncestor(last.commit, commit)))
    if (isLater) last = { record, commit }
  }
  return last?.record ?? null
}

function usage(message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code: 'no-range', exitCode: exitCodes.usage, message, hint })
}
