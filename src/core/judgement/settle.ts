import { quote } from '../text.ts'
import { findPlace, type Surroundings } from './place.ts'
import { type EarlierStatement, type Finding, isSameFinding, type Severity, type Verdict } from './review.ts'

/** What a reviewer was already asked once more about this commit. The same answer again is then taken as it is. */
export type Asked = 'places' | 'what-blocks'

/** First and last line, both changed. `all`: the whole file is new, removed or another kind of file. */
export type ChangedIn = 'all' | readonly (readonly [first: number, last: number])[]

export interface SettleFacts extends Surroundings {
  /** What the review before found; the reviewer was given these with numbers from 1. Empty at a first review. */
  readonly earlier: readonly Finding[]
  /** Changed lines since the last reviewed commit, by path; null: not known, so every line counts as changed. */
  readonly changed: ReadonlyMap<string, ChangedIn> | null
  readonly asked: readonly Asked[]
}

export type Settlement =
  | {
      readonly ok: true
      /** As it counts. */
      readonly verdict: Verdict
      readonly given: Verdict['verdict']
      readonly followUps: readonly Finding[]
      readonly notBelieved: readonly Finding[]
    }
  /** No verdict. `reason` tells the reviewer everything that is to be put right. */
  | { readonly ok: false; readonly reason: string; readonly asked: readonly Asked[] }

/**
 * What a verdict counts as. It fails closed: a finding of high severity, and one of medium severity that is not a
 * follow-up, never lead to an approval.
 *
 * - Each earlier finding must be stated once. `fixed` needs an existing place, `withdrawn` a reason.
 * - A finding without an existing place is asked for once more, then not believed.
 * - A finding of low severity is a follow-up. So is one of medium severity on a line that has not changed since the last
 *   review.
 * - `changes_requested` in which nothing blocks is asked once more. In a re-review, the same answer again is an approval
 *   with follow-ups; in a first review it is a rejection.
 */
export function settle(verdict: Verdict, facts: SettleFacts): Settlement {
  const statements = verdict.earlier ?? []
  const places = facts.asked.includes('places') ? [] : withoutPlace(verdict, facts)
  const wrong = [...wrongStatements(statements, facts.earlier), ...places]
  if (wrong.length > 0) return none(wrong, places.length > 0 ? ['places'] : [])
  const sorted = sort(verdict, facts)
  return verdict.verdict === 'approved' ? approval(verdict, sorted) : rejection(verdict, sorted, facts)
}

interface Sorted {
  /** High first. */
  readonly blocking: readonly Finding[]
  readonly followUps: readonly Finding[]
  readonly notBelieved: readonly Finding[]
}

function sort(verdict: Verdict, facts: SettleFacts): Sorted {
  const open = stillOpen(verdict.earlier ?? [], facts)
  const blocking = open.filter(({ severity }) => severity !== 'low')
  const followUps = open.filter(({ severity }) => severity === 'low')
  const notBelieved: Finding[] = []
  for (const given of verdict.findings) {
    const place = findPlace(given, facts)
    if (!place.ok) {
      notBelieved.push(given)
      continue
    }
    const finding = { ...given, file: place.file }
    if (open.some(other => isSameFinding(finding, other))) continue
    const isKnown = facts.earlier.some(other => isSameFinding(finding, other))
    const mayWait = finding.severity === 'medium' && !isKnown && !isOnChangedLine(finding, place.now, facts)
    const list = finding.severity === 'low' || mayWait ? followUps : blocking
    list.push(finding)
  }
  return { blocking: blocking.toSorted((a, b) => rank[a.severity] - rank[b.severity]), followUps, notBelieved }
}

const rank: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 }

/** Earlier findings that are stated as open, or as fixed at a place that does not exist. At the place that is stated now. */
function stillOpen(statements: readonly EarlierStatement[], facts: SettleFacts): readonly Finding[] {
  return facts.earlier.flatMap((finding, index) => {
    const statement = statements.find(({ number }) => number === index + 1)
    if (!statement || statement.state === 'withdrawn') return []
    const place = findPlace(statement, facts)
    if (statement.state === 'fixed') return place.ok ? [] : [finding]
    return place.ok ? [{ ...finding, file: place.file, line: statement.line }] : [finding]
  })
}

/** `now`: the line is in the reviewed commit. One that is not was removed, so it has changed if its file has. */
function isOnChangedLine({ file, line }: Finding, now: boolean, { changed: all }: SettleFacts): boolean {
  if (all === null) return true
  const changed = all.get(file ?? '') ?? []
  if (changed === 'all') return true
  if (line === null || !now) return changed.length > 0
  return changed.some(([first, last]) => line >= first && line <= last)
}

function approval(verdict: Verdict, { blocking, followUps, notBelieved }: Sorted): Settlement {
  const against = [...blocking, ...notBelieved].find(({ severity }) => severity !== 'low')
  if (against) return none([`approved with a finding of ${against.severity} severity: ${against.problem}`])
  return { ok: true, verdict: { ...verdict, findings: followUps }, given: 'approved', followUps, notBelieved }
}

function rejection(verdict: Verdict, sorted: Sorted, { earlier, asked }: SettleFacts): Settlement {
  const { blocking, followUps, notBelieved } = sorted
  const given = 'changes_requested'
  if (blocking.length > 0)
    return { ok: true, verdict: { ...verdict, findings: blocking }, given, followUps, notBelieved }
  if (notBelieved.some(({ severity }) => severity !== 'low')) {
    return none(['changes requested, but no finding that blocks names a place that exists'])
  }
  if (followUps.length === 0 || !asked.includes('what-blocks')) return none([nothingBlocks], ['what-blocks'])
  if (earlier.length === 0) {
    return { ok: true, verdict: { ...verdict, findings: followUps }, given, followUps: [], notBelieved }
  }
  const counted = { ...verdict, verdict: 'approved', findings: followUps } as const
  return { ok: true, verdict: counted, given, followUps, notBelieved }
}

const nothingBlocks =
  'changes requested, but no finding blocks: approve it with these findings, or say what must change with severity "high" or, on a line that has changed, "medium"'

function wrongStatements(statements: readonly EarlierStatement[], earlier: readonly Finding[]): readonly string[] {
  const numbers = statements.map(({ number }) => number)
  const asked = earlier.map((_, index) => index + 1)
  const timesOf = (wanted: number) => numbers.filter(number => number === wanted).length
  const withoutReason = statements.filter(({ state, note }) => state === 'withdrawn' && !note?.trim())
  return [
    ...naming(
      'does not state',
      asked.filter(number => timesOf(number) === 0),
    ),
    ...naming(
      'states more than once',
      asked.filter(number => timesOf(number) > 1),
    ),
    ...naming(
      'states the unknown',
      numbers.filter(number => !asked.includes(number)),
    ),
    ...naming(
      'withdraws without a note that says why',
      withoutReason.map(({ number }) => number),
    ),
  ]
}

function naming(what: string, numbers: readonly number[]): readonly string[] {
  const unique = [...new Set(numbers)]
  if (unique.length === 0) return []
  return [`it ${what} earlier ${unique.length === 1 ? 'finding' : 'findings'} ${unique.join(', ')}`]
}

function withoutPlace({ findings, earlier = [] }: Verdict, facts: SettleFacts): readonly string[] {
  const why = (what: string, place: Parameters<typeof findPlace>[0]) => {
    const found = findPlace(place, facts)
    return found.ok ? [] : [quote(`${what} ${found.why}`, 150)]
  }
  return [
    ...findings.flatMap((finding, index) => why(`finding ${index + 1}`, finding)),
    ...earlier.flatMap(statement =>
      statement.state === 'fixed' ? why(`the fix of earlier finding ${statement.number}`, statement) : [],
    ),
  ]
}

/** A reason is one line of a log and part of a prompt. */
const longestReason = 1_000

function none(reasons: readonly string[], asked: readonly Asked[] = []): Settlement {
  return { ok: false, reason: quote(`no verdict: ${reasons.join('; ')}`, longestReason), asked }
}
