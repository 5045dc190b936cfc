import { someOf } from '../../core/format.ts'
import type { NextCommand } from '../../core/next-command.ts'
import { oneLine } from '../../core/text.ts'
import type { CoveredCommit } from '../../core/verify/cover.ts'
import { isAbout, type StoredRecord, usable } from '../../core/verify/stored-record.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { isShallow } from '../../git/any-repository.ts'
import { createCommits } from '../../git/history/commits.ts'
import { type CommitWords, describeCommits } from '../../git/history/describe-commits.ts'
import { outcomeOf } from '../../run/git/git-work.ts'
import { type CoveredRange, coverRange } from '../../run/verify/cover-range.ts'
import { type ChosenRange, whichRange } from '../../run/verify/which-range.ts'
import { dataOf } from './data-of.ts'
import { howToFetch } from './read-records.ts'

/** What can be said of a range. */
export interface Verified extends CoveredRange {
  readonly chosen: ChosenRange
  /** Those about the range. */
  readonly records: readonly StoredRecord[]
  readonly uncovered: readonly UncoveredCommit[]
  readonly isProven: boolean
  /** Gets the missing commits of lanes; null: none is missing, or no remote is configured. */
  readonly fetch: NextCommand | null
}

export interface UncoveredCommit extends CommitWords {
  readonly commit: string
  readonly files: readonly string[]
  readonly given: string | null
}

export async function verified(
  folder: string,
  range: string | null,
  stored: readonly StoredRecord[],
): Promise<Verified> {
  const commits = createCommits(folder, { runsDrivers: false })
  const counting = usable(stored)
  const readable = stored.flatMap(({ record }) => record ?? [])
  const chosen = await whichRange(commits, range, counting.length > 0 ? counting : readable).catch(async error => {
    if (readable.length === 0 && range === null) throw noneReadable(stored)
    throw (await isShallow(folder)) && error instanceof OrchestratorError ? tooShallow(error.message) : error
  })
  const covered = dataOf(await outcomeOf(coverRange(commits, chosen, counting)))
  const all = [...covered.range, ...covered.ofLanes]
  const open = all.filter(({ cover }) => cover.kind === 'none')
  if ((open.length > 0 || all.some(({ parents }) => parents.length === 0)) && (await isShallow(folder))) {
    throw tooShallow('this clone is shallow: it may lack the commits that were reviewed')
  }
  const words = dataOf(
    await describeCommits(
      folder,
      open.map(({ commit }) => commit),
    ),
  )
  const records = stored.filter(record => isAbout(record, all))
  const isBroken = records.some(({ broken }) => broken !== null)
  return {
    ...covered,
    chosen,
    records,
    uncovered: open.flatMap(at => uncoveredCommit(at, words)),
    isProven: open.length === 0 && !isBroken && !chosen.isGone,
    fetch: covered.missing.length === 0 ? null : await howToFetch(folder),
  }
}

function uncoveredCommit(
  { commit, cover }: CoveredCommit,
  words: ReadonlyMap<string, CommitWords>,
): readonly UncoveredCommit[] {
  if (cover.kind !== 'none') return []
  const { author, subject } = words.get(commit) ?? { author: '', subject: '' }
  return [{ commit, author, subject, files: cover.files, given: cover.given }]
}

function noneReadable(stored: readonly StoredRecord[]): OrchestratorError {
  const why = stored.map(({ place, broken }) => `${oneLine(place)}: ${oneLine(broken ?? '', 600)}`)
  return new OrchestratorError({
    code: 'no-record-readable',
    exitCode: exitCodes.needsPerson,
    message: `no record can be read: ${someOf(why)}`,
    hint: 'nothing is proven: git log refs/sko/attestations shows who stored what',
  })
}

function tooShallow(message: string): OrchestratorError {
  const next = [{ command: 'git fetch --unshallow', why: 'gets the history that is missing' }]
  return new OrchestratorError({ code: 'shallow', exitCode: exitCodes.usage, message, next })
}
