import { listed } from '../../core/format.ts'
import { attestationsRef } from '../../core/record/stored.ts'
import { oneLine } from '../../core/text.ts'
import { howMany, inWords } from '../../core/verify/counts.ts'
import type { UncoveredCommit, Verified } from './verified.ts'

/** For a person: first what is proven and what is not. `areSigned`: signatures were checked. */
export function verifiedText(found: Verified, areSigned: boolean): string {
  const lines = [
    summary(found),
    ...ofLanes(found),
    ...uncoveredLines(found),
    ...missingLines(found),
    ...goneLines(found),
    ...recordLines(found, areSigned),
  ]
  return lines.map(line => `${line}\n`).join('')
}

function summary({ chosen, range }: Verified): string {
  const { base, head, since } = chosen
  const from = since === null ? '' : `, since the merge of ${oneLine(since.mission.slug, 100)}`
  const where = `${howMany(range.length, 'commit', 'commits')} in ${short(base)}..${short(head)}${from}`
  return range.length === 0 ? `${where}: nothing to verify` : `${where}: ${inWords(range)}`
}

function ofLanes({ ofLanes: commits }: Verified): readonly string[] {
  if (commits.length === 0) return []
  return [
    `combined by a squash or a rebase: ${howMany(commits.length, 'commit', 'commits')} of lanes: ${inWords(commits)}`,
  ]
}

function uncoveredLines({ uncovered }: Verified): readonly string[] {
  if (uncovered.length === 0) return ['every commit is covered']
  return ['NOT COVERED: no judgement, no sko confirm and no merge explains', ...uncovered.flatMap(commitLines)]
}

function commitLines({ commit, subject, author, files, given }: UncoveredCommit): readonly string[] {
  const before = `${oneLine(given ?? '')} was approved before the run, and no record says who judged it`
  return [
    `  ${short(commit)} ${oneLine(subject, 100)} (${oneLine(author, 60)})`,
    ...(given === null ? [] : [`    ${before}`]),
    ...(files.length === 0 ? [] : [`    ${listed(files.map(file => oneLine(file, 200)))}`]),
  ]
}

function missingLines({ missing, fetch }: Verified): readonly string[] {
  if (missing.length === 0) return []
  const what = `MISSING: this repository lacks ${howMany(missing.length, 'lane', 'lanes')} that the record names`
  return [fetch === null ? what : `${what}: ${fetch.command}`]
}

function goneLines({ chosen }: Verified): readonly string[] {
  const { since, isGone, head } = chosen
  if (!isGone || since === null) return []
  const { after, branch } = since.target
  const where = branch === null ? '' : ` on ${oneLine(branch, 100)}`
  return [`MOVED: ${short(head)} does not contain ${short(after)}, to which the record says that${where} was merged`]
}

function recordLines({ records }: Verified, areSigned: boolean): readonly string[] {
  const broken = records.flatMap(({ place, broken: why }) =>
    why === null ? [] : [`BROKEN RECORD: ${oneLine(place)}: ${oneLine(why, 600)}`],
  )
  const valid = records.filter(({ broken: why }) => why === null)
  const unchecked = `signatures were not checked (--signers <file>): anyone who can write to ${attestationsRef} can write a record`
  const signed = valid.map(
    ({ place, signers }) => `record ${oneLine(place)}: ${signers.map(by => oneLine(by)).join(', ')}`,
  )
  return [...broken, ...(areSigned ? signed : [unchecked])]
}

function short(commit: string): string {
  return commit.slice(0, 10)
}
