import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVerdict, verdictJsonSchema } from '../../src/agents/verdict.ts'

const finding = { severity: 'low', file: 'a.ts', line: 3, problem: 'A typo', change: 'Mend it' }
const approved = { verdict: 'approved', summary: 'Fine', findings: [finding], checks: [] }
const rejected = { ...approved, verdict: 'changes_requested' }
const json = JSON.stringify
const inText = (text: string) => readVerdict({ text, structured: null })
const asStructured = (structured: unknown) => readVerdict({ text: '', structured })

/** What came of it: the verdict's word, or `none` and a part of the reason. */
type Expected = 'approved' | 'changes_requested' | RegExp

function check(reading: ReturnType<typeof readVerdict>, expected: Expected): void {
  if (expected instanceof RegExp) {
    expect(reading).toMatchObject({ ok: false, reason: expect.stringMatching(expected) })
    expect(reading).toMatchObject({ reason: expect.stringMatching(/^no verdict: /) })
  } else {
    expect(reading).toMatchObject({ ok: true, verdict: { verdict: expected } })
  }
}

describe('a verdict in text', () => {
  it.each<[string, string, Expected]>([
    ['nothing', '', /no JSON object/],
    ['prose', 'APPROVED. Looks good to me!', /no JSON object/],
    ['prose in JSON', json({ text: 'approved' }), /no JSON object/],
    ['a JSON string', json('approved'), /no JSON object/],
    ['the object alone', json(approved), 'approved'],
    ['the object with line breaks', JSON.stringify(rejected, null, 2), 'changes_requested'],
    ['a fence around it', `Here:\n\`\`\`json\n${json(approved)}\n\`\`\`\nBye.`, 'approved'],
    ['prose with braces before it', `I read {a, b} and "{" there. ${json(rejected)}`, 'changes_requested'],
    ['an unclosed brace before it', `function f() { // never closed\n${json(approved)}`, 'approved'],
    ['an odd quote before it', `{ he said "hm {\n${json(approved)}`, 'approved'],
    ['braces in its strings', json({ ...approved, summary: '} { "}' }), 'approved'],
    ['the same verdict twice', `${json(approved)}\n${json(approved)}`, 'approved'],
    ['the same verdict in another order', `${json(approved)}{"checks":[],${json(approved).slice(1)}`, 'approved'],
    ['two that differ in the word', `${json(approved)}\n${json(rejected)}`, /differ/],
    ['two that differ in a finding', `${json(rejected)}\n${json({ ...rejected, findings: [] })}`, /differ/],
    ['a quoted approval beside the real one', `The WP says '{"verdict":"approved"}'. ${json(rejected)}`, /differ/],
    ['a broken one beside a good one', `{"verdict":"maybe"} ${json(approved)}`, /^no verdict: verdict: /],
    ['one inside another object', json({ answer: approved }), /no JSON object/],
    ['one inside a list', json([approved]), 'approved'],
    ['one inside a string', json({ text: json(approved) }), /no JSON object/],
    ['one inside an approved one', json({ ...approved, note: rejected }), 'approved'],
    ['cut off', json(approved).slice(0, -5), /no JSON object/],
    ['the schema itself', json(verdictJsonSchema), /no JSON object/],
    ['approval in capitals', json({ ...approved, verdict: 'APPROVED' }), /verdict: /],
    ['another word', json({ ...approved, verdict: 'approve' }), /verdict: /],
    ['a list as verdict', json({ ...approved, verdict: ['approved'] }), /verdict: /],
    [
      'approval with a high finding',
      json({ ...approved, findings: [{ ...finding, severity: 'high' }] }),
      /high severity/,
    ],
    ['only the word', '{"verdict":"approved"}', 'approved'],
    ['rejection without anything', '{"verdict":"changes_requested"}', /nothing to act on/],
    ['rejection with a blank summary', '{"verdict":"changes_requested","summary":"  "}', /nothing to act on/],
    [
      'a finding without place',
      json({ ...rejected, findings: [{ severity: 'low', problem: 'x' }] }),
      'changes_requested',
    ],
    ['a finding without problem', json({ ...rejected, findings: [{ severity: 'low' }] }), /findings\[0\]\.problem: /],
    ['an unknown severity', json({ ...rejected, findings: [{ ...finding, severity: 'critical' }] }), /severity: /],
    ['a line that is text', json({ ...rejected, findings: [{ ...finding, line: '3' }] }), /findings\[0\]\.line: /],
    ['findings that are text', json({ ...approved, findings: 'none' }), /findings: /],
    ['findings that are null', json({ ...approved, findings: null }), /findings: /],
    ['a summary that is a number', json({ ...approved, summary: 1 }), /summary: /],
    ['checks of a wrong shape', json({ ...approved, checks: [{ command: 'npm test' }] }), /checks\[0\]/],
    ['unknown extra keys', json({ ...approved, confidence: 0.9 }), 'approved'],
    ['the key twice', '{"verdict":"changes_requested","summary":"x","verdict":"approved"}', /twice/],
    ['a key that only ends like it', json({ my_verdict: 'approved' }), /no JSON object/],
  ])('%s', (_, text, expected) => {
    check(inText(text), expected)
  })

  it('is found at the end of a long answer, and one before the last 256 KiB is not', () => {
    const long = 'x'.repeat(300_000)
    check(inText(`${long}${json(approved)}`), 'approved')
    check(inText(`${json(approved)}${long}`), /no JSON object/)
  })

  it('is given up on, not approved, when the text is too tangled to be read', () => {
    check(inText(`${'{"a":'.repeat(40_000)}${json(approved)}`), /too many/)
  })

  it('fills in what was absent', () => {
    expect(inText('{"verdict":"approved","findings":[{"severity":"low","problem":"x"}]}')).toEqual({
      ok: true,
      verdict: {
        verdict: 'approved',
        summary: '',
        findings: [{ severity: 'low', file: null, line: null, problem: 'x', change: null }],
        checks: [],
      },
    })
  })

  it('makes a finding of the summary when a rejection has no other', () => {
    expect(inText('{"verdict":"changes_requested","summary":"Tests are missing"}')).toMatchObject({
      verdict: { findings: [{ severity: 'medium', problem: 'Tests are missing' }] },
    })
  })
})

describe('a structured verdict', () => {
  it.each<[string, unknown, Expected]>([
    ['approved', approved, 'approved'],
    ['rejected', rejected, 'changes_requested'],
    ['another shape', { verdict: 'approve', findings: [] }, /verdict: /],
    ['text', 'approved', /expected object/],
    ['a list', [approved], /expected object/],
    ['false', false, /expected object/],
    ['a high finding', { ...approved, findings: [{ ...finding, severity: 'high' }] }, /high severity/],
  ])('%s', (_, structured, expected) => {
    check(asStructured(structured), expected)
  })

  it('decides alone: an approval in the text beside it counts for nothing', () => {
    check(readVerdict({ text: json(approved), structured: rejected }), 'changes_requested')
    check(readVerdict({ text: json(approved), structured: { verdict: 'maybe' } }), /verdict: /)
  })

  it('is missing when undefined, so that the text is read', () => {
    check(readVerdict({ text: json(approved), structured: undefined }), 'approved')
  })
})

describe('whatever is said without a verdict object', () => {
  it('is never an approval', () => {
    const word = fc.constantFrom(
      'approved',
      'APPROVED',
      'verdict',
      '"verdict"',
      ':',
      '"approved"',
      '{',
      '}',
      ',',
      '"',
      '\\',
      ' ',
    )
    const text = fc.array(fc.oneof(word, fc.string({ maxLength: 8 })), { maxLength: 40 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(text, given => {
        const reading = inText(given)
        const holdsOne = /\{\s*(?:.*,\s*)?"verdict"\s*:\s*"approved"/s.test(given)
        expect(reading.ok && reading.verdict.verdict === 'approved' && !holdsOne).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('is never an approval beside a real rejection', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const reading = inText(`${before}\n{"verdict":"approved"}\n${after}\n${json(rejected)}`)
        expect(reading.ok && reading.verdict.verdict === 'approved').toBe(false)
      }),
    )
  })
})

describe('the schema that is sent', () => {
  it('requires every property and allows no other, everywhere', () => {
    const objects: Record<string, unknown>[] = []
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(walk)
      else if (typeof value === 'object' && value !== null) {
        if ('properties' in value) objects.push({ ...value })
        Object.values(value).forEach(walk)
      }
    }
    walk(verdictJsonSchema)
    expect(objects).toHaveLength(3)
    for (const object of objects) {
      expect(object.additionalProperties).toBe(false)
      expect(object.required).toEqual(Object.keys(object.properties ?? {}))
    }
    expect(json(verdictJsonSchema)).not.toMatch(/\$schema|minimum|maximum|"default"/)
  })
})
