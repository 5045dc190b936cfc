import type { Finding, RaisedFinding } from '../judgement/review.ts'
import { shorten } from '../text.ts'
import { findingEntry } from './prompt.ts'

/** What the rules of one review depend on. */
export interface RulesFor {
  readonly wpId: string
  /** What the review before found. */
  readonly earlier: readonly RaisedFinding[]
  /** The commit that was last reviewed, if the lines that have changed since are known; null: every line counts as changed. */
  readonly since: string | null
  /** How many questions it is asked. */
  readonly questions: number
}

/** Tells the reviewer how its verdict is read: core/judgement/settle.ts decides by these rules. */
export function verdictRules({ wpId, earlier, since, questions }: RulesFor): string {
  const unchanged =
    since === null
      ? ''
      : `
  A new "medium" finding on a line that has not changed since ${since} is a follow-up too: give it
  "high" if it must be fixed before the merge.`
  const again = earlier.length === 0 ? 'a rejection' : 'an approval with follow-ups'
  return `- "approved": it may be merged as it is. A finding that blocks contradicts that: the verdict is then void.
- "changes_requested": at least one finding blocks. Each says what is wrong ("problem") and what to do ("change"). If no
  finding blocks you are asked once more; the same answer again counts as ${again}.
- "severity": "high" and "medium" block. "low" does not: it is reported as a follow-up, whatever the verdict.${unchanged}
- "file" and "line": a place that exists in the reviewed commit, or before it if it is about something that was removed. Paths
  are relative to the worktree. "line": null means the whole file. If what the work package asks for is missing
  altogether, "file" is "${wpId}". A finding without an existing place is not believed.
- "earlier": ${earlier.length === 0 ? 'an empty list' : 'one entry for each finding of the last review, as said above'}.
- "answers": ${questions === 0 ? 'an empty list' : 'one entry for each question above: its number as "question", such as "Q1", and your "answer"'}.
- "checks": the commands you ran and what you saw. An empty list is fine.`
}

/** Bytes: some agents take a prompt as an argument. Every finding must be in it, since each must be stated. */
const longestEarlier = 40_000

export function earlierSection(earlier: readonly RaisedFinding[]): string {
  if (earlier.length === 0) return ''
  const share = Math.floor(longestEarlier / earlier.length)
  const list = earlier.map((finding, index) => shorten(findingEntry(finding, index), share))
  return `
## Findings of the last review

State each of these once in "earlier", by its "number":

- "fixed", with the "file" and "line" where you saw it fixed.
- "open", with the place where it is now. A finding of severity high or medium that is open contradicts "approved".
- "withdrawn", if it was never right, with a "note" that says why.

Do not repeat them in "findings", which is for new ones only.

${list.join('\n')}
`
}

/** So that they are not raised again in other words. */
export function followUpSection(followUps: readonly Finding[]): string {
  if (followUps.length === 0) return ''
  const list = followUps.map((finding, index) => shorten(findingEntry(finding, index), 200))
  return `
## Follow-ups so far

These were found before and do not block. They are reported; do not repeat them:

${list.join('\n')}
`
}

/** An answer to this review that was no verdict. */
export interface RefusedAnswer {
  readonly agent: string
  readonly own: boolean
  readonly reason: string
}

export function refusedSection(answers: readonly RefusedAnswer[]): string {
  if (answers.length === 0) return ''
  const list = answers.map(({ agent, own, reason }) => `- ${own ? 'Yours' : `Of ${agent}`}: ${reason}`)
  return `
## Answers so far that were no verdict

This commit was reviewed before, and the answer did not count. Put right what was wrong with yours, and check what the
others say:

${list.join('\n')}
`
}
