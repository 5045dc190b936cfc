import { describe, expect, it } from 'vitest'
import { type ReviewBriefing, type ReviewedPart, reviewFrame } from '../../../src/core/prompt/review-prompt.ts'
import {
  earlierSection,
  followUpSection,
  refusedSection,
  verdictRules,
} from '../../../src/core/prompt/verdict-rules.ts'
import type { WpRecord } from '../../../src/core/work-package/work-package.ts'
import { finding, judgement, record } from '../samples.ts'

const raised = { ...finding, raised: 1 }
const part: ReviewedPart = { base: 'aaaa111', head: 'cccc333', diffStat: ' a.ts | 2 +-', diff: null, unseen: false }
const delta: ReviewedPart = { ...part, base: 'bbbb222', diffStat: ' a.ts | 1 +' }

function review(more: Partial<WpRecord>, over: Partial<ReviewBriefing>) {
  return reviewFrame({
    ...{ mission: 'm', stash: [], worktree: '/w', record: record(more), head: 'cccc333', parts: [part] },
    ...{ checks: [], outside: [], schema: '{}', delta: null, refused: [], questions: [] },
    ...over,
  })
}

describe('the rules of a verdict', () => {
  const rules = (earlier: readonly (typeof raised)[], since: string | null) =>
    verdictRules({ wpId: 'WP01', earlier, since, questions: 0 })

  it('say what a finding of a re-review must be to block, where it is known what has changed', () => {
    expect(rules([raised], 'bbbb222')).toContain(`whatever the verdict.
  A new "medium" finding on a line that has not changed since bbbb222 is a follow-up too: give it
  "high" if it must be fixed before the merge.
- "file"`)
    expect(rules([raised], null)).toContain('whatever the verdict.\n- "file"')
  })

  it('say what the same answer again counts as', () => {
    expect(rules([], null)).toContain('the same answer again counts as a rejection.')
    expect(rules([raised], null)).toContain('the same answer again counts as an approval with follow-ups.')
  })

  it('name the work package as the place of what is missing, and the list that is expected', () => {
    expect(rules([], null)).toContain('altogether, "file" is "WP01".')
    expect(rules([], null)).toContain('- "earlier": an empty list.\n')
    expect(rules([raised], null)).toContain(
      '- "earlier": one entry for each finding of the last review, as said above.\n',
    )
  })
})

describe('the findings of the last review', () => {
  it('are all there, with their numbers, however long they are', () => {
    const many = Array.from({ length: 50 }, () => ({
      ...raised,
      problem: 'é'.repeat(2_000),
      change: 'x'.repeat(2_000),
    }))
    const text = earlierSection(many)
    expect(Buffer.byteLength(text)).toBeLessThan(41_000)
    for (let number = 1; number <= 50; number += 1) expect(text).toContain(`\n${number}. [medium] a.ts:3 é`)
  })

  it('are none at a first review', () => {
    expect(earlierSection([])).toBe('')
  })
})

describe('what was found before and does not block', () => {
  it('is listed so that it is not repeated, in short', () => {
    const text = followUpSection([finding, { ...finding, severity: 'low', problem: 'x'.repeat(500) }])
    expect(text).toContain('## Follow-ups so far\n')
    expect(text).toContain('\n1. [medium] a.ts:3 it is wrong\n')
    expect(text).toMatch(/\n2\. \[low\] a\.ts:3 x+ … \[shortened\]\n$/)
    expect(text.length).toBeLessThan(500)
    expect(followUpSection([])).toBe('')
  })

  it('is part of the prompt', () => {
    const { after } = review({ followUps: [finding] }, {})
    expect(after).toContain('## Follow-ups so far')
    expect(review({ judgement: judgement('approved') }, {}).after).not.toContain('## Follow-ups so far')
  })
})

it("answers that were no verdict are told, one's own and those of others", () => {
  const text = refusedSection([
    { agent: 'bob', own: true, reason: 'no verdict: it does not state earlier finding 2' },
    { agent: 'ada', own: false, reason: 'no verdict: approved with a finding of high severity: it leaks' },
  ])
  expect(text).toContain('## Answers so far that were no verdict\n')
  expect(text).toContain('\n- Yours: no verdict: it does not state earlier finding 2\n')
  expect(text).toMatch(/\n- Of ada: no verdict: approved with a finding of high severity: it leaks\n$/)
  expect(refusedSection([])).toBe('')
})

describe('what has changed since the last review', () => {
  it('comes first, with the whole work as its context', () => {
    const { before, after } = review({ earlierFindings: [raised] }, { delta: { from: 'bbbb222', parts: [delta] } })
    expect(before).toContain(`
## What has changed since the last review

The last review was of bbbb222. Look first and foremost at what has changed since, which is everything
between bbbb222 and cccc333; the whole work is shown as its context. See it with:
    git log --oneline bbbb222..cccc333
    git diff --no-ext-diff bbbb222 cccc333

What was changed:
 a.ts | 1 +

## The whole work

What was changed:
 a.ts | 2 +-
`)
    expect(after).toContain('has not changed since bbbb222')
  })

  it('is shown to a reviewer who cannot run git', () => {
    const diff = { text: '+ new', cut: false }
    const { before } = review({}, { delta: { from: 'bbbb222', parts: [{ ...delta, diff }] } })
    expect(before).toContain('It is shown below')
    expect(before).toContain('<difference of="cccc333">\n+ new\n</difference of="cccc333">')
  })

  it('is not known when the history was rewritten, and that is said', () => {
    const { before, after } = review({ earlierFindings: [raised] }, { delta: { from: 'bbbb222', parts: [] } })
    expect(before).toContain(`
## A review of changed work

The last review was of bbbb222. The branch does not contain that commit any more, so its history was rewritten: look at the
whole difference again.
`)
    expect(after).not.toContain('has not changed since')
  })

  it('is not spoken of at a first review', () => {
    const { before } = review({}, {})
    expect(before).not.toContain('last review')
    expect(before).not.toContain('## The whole work')
  })
})
