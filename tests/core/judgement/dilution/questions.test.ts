import { describe, expect, it } from 'vitest'
import { type Dilution, dilutionKinds, dilutionWords } from '../../../../src/core/judgement/dilution/dilution.ts'
import { answered, questionsOf, unanswered } from '../../../../src/core/judgement/dilution/questions.ts'

const removed: Dilution = { kind: 'test-removed', file: 'a.test.ts', line: null, excerpt: '' }
const skipped: Dilution = { kind: 'test-skipped', file: 'b.test.ts', line: 3, excerpt: 'it.skip(1)' }
const answer = (question: string, text: string) => ({ question, answer: text })

describe('questions', () => {
  it('are numbered, one for each dilution', () => {
    expect(questionsOf([removed, skipped])).toEqual([
      { id: 'Q1', about: [removed] },
      { id: 'Q2', about: [skipped] },
    ])
    expect(questionsOf([])).toEqual([])
  })

  it('are one for each kind where they would be more than twenty', () => {
    const many = Array.from({ length: 20 }, (_, n) => ({ ...skipped, file: `${n}.test.ts` }))
    expect(questionsOf(many)).toHaveLength(20)
    expect(questionsOf([...many, removed])).toEqual([
      { id: 'Q1', about: [removed] },
      { id: 'Q2', about: many },
    ])
  })
})

describe('an approval', () => {
  const questions = questionsOf([removed, skipped])

  it.each([
    ['answers both', [answer('Q1', 'its code is gone'), answer('Q2', 'flaky')], null],
    ['names them in other ways', [answer(' q1 ', 'gone'), answer('q2', '1')], null],
    ['answers one twice, once with nothing', [answer('Q1', ''), answer('Q1', 'gone'), answer('Q2', 'ok')], null],
    ['answers none', [], 'Q1, Q2; Q1: a.test.ts: a test file was removed, or renamed to what is no test'],
    [
      'answers with signs',
      [answer('Q1', 'gone'), answer('Q2', ' -- ')],
      'Q2; Q2: b.test.ts:3: a test is skipped or others are left out (`it.skip(1)`)',
    ],
    ['answers another question', [answer('Q2', 'flaky'), answer('Q11', 'gone')], `Q1; Q1: ${dilutionWords(removed)}`],
  ])('that %s', (_, answers, missing) => {
    expect(unanswered(questions, answers)).toBe(missing === null ? null : `approved without an answer to ${missing}`)
  })

  it('without questions needs no answer', () => {
    expect(unanswered([], [])).toBeNull()
  })

  it('keeps each answer with what it is about, fit to be shown', () => {
    const loud = `\u001b[31mgone\n${'x'.repeat(600)}`
    const kept = answered(questions, [answer('Q1', ` ${loud}`), answer('Q3', 'what?')])
    expect(kept).toEqual([
      { ...removed, answer: expect.stringMatching(/^gone x+…$/) },
      { ...skipped, answer: '' },
    ])
    expect(kept[0]?.answer).toHaveLength(500)
  })
})

it('each kind has words of its own, for a line and for a file', () => {
  for (const line of [3, null]) {
    const words = dilutionKinds.map(kind => dilutionWords({ kind, file: 'a', line, excerpt: '' }))
    expect(words.filter(said => !/^a(?::3)?: [a-z ,-]{10,}$/.test(said))).toEqual([])
    expect(new Set(words).size).toBe(dilutionKinds.length)
  }
  expect(dilutionWords({ ...skipped, kind: 'test-removed' })).toBe('b.test.ts:3: tests were removed (`it.skip(1)`)')
  expect(dilutionWords({ ...removed, kind: 'fixture-removed', excerpt: 'now b' })).toBe(
    'a.test.ts: a fixture was removed or moved (`now b`)',
  )
  expect(dilutionWords({ ...removed, kind: 'check-changed' })).toBe(
    'a.test.ts: a file that the checks use was changed or removed',
  )
})
