import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVerdict, verdictJsonSchema } from '../../../src/run/steps/verdict.ts'

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
    ['nothing', '', /JSON object/],
    ['prose', 'APPROVED. Looks good to me!', /JSON object/],
    ['prose in JSON', json({ text: 'approved' }), /JSON object/],
    ['a JSON string', json('approved'), /JSON object/],
    ['the object alone', json(approved), 'approved'],
    ['the object with line breaks', JSON.stringify(rejected, null, 2), 'changes_requested'],
    ['a fence around it', `Here:\n\`\`\`json\n${json(approved)}\n\`\`\`\n`, 'approved'],
    ['a fence of tildes', `~~~~\n${json(approved)}\n~~~~`, 'approved'],
    ['prose with braces before it', `I read {a, b} and "{}" there. ${json(rejected)}`, 'changes_requested'],
    ['prose with the word before it', `Verdict: I tried \`verdict.ts\`.\n\n${json(rejected)}`, 'changes_requested'],
    ['braces and quotes in its strings', json({ ...approved, summary: '} \\" { "' }), 'approved'],
    ['backslashes that end its strings', json({ ...approved, summary: 'C:\\\\' }), 'approved'],
    ['the same verdict twice', `${json(approved)}\n${json(approved)}`, 'approved'],
    ['one inside its strings', json({ ...approved, summary: json(rejected) }), 'approved'],
    ['a list', json([approved]), /JSON object/],
    ['one inside a string', json({ text: json(approved) }), /JSON object/],
    ['cut off', json(approved).slice(0, -5), /JSON object/],
    ['the schema itself', json(JSON.parse(verdictJsonSchema())), /inside another object/],
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
    ['a key that only ends like it', json({ my_verdict: 'approved' }), /JSON object/],
  ])('%s', (_, text, expected) => {
    check(inText(text), expected)
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
      answers: [],
    })
  })

  it('reads answers beside the verdict', () => {
    const answers = [{ question: 'Q1', answer: 'its code is gone' }]
    const read = inText(json({ ...approved, answers }))
    expect(read).toEqual({ ok: true, verdict: { ...approved, findings: [finding] }, answers })
    check(inText(json({ ...approved, answers: [{ question: 1, answer: 'x' }] })), /answers\[0\]\.question: /)
    expect(inText(json({ ...rejected, answers }))).toMatchObject({ answers })
  })

  it('makes a finding of the summary when a rejection has no other', () => {
    expect(inText('{"verdict":"changes_requested","summary":"Tests are missing"}')).toMatchObject({
      verdict: { findings: [{ severity: 'medium', problem: 'Tests are missing' }] },
    })
  })
})

const approval = '{"verdict":"approved"}'

describe('an answer that could be read in two ways', () => {
  it.each<[string, string, RegExp]>([
    ['words after it', `${approval} is what the fixture says`, /does not end with a JSON object/],
    ['words after its fence', `\`\`\`json\n${approval}\n\`\`\`\nBye.`, /does not end with a JSON object/],
    ['code in a line', `The WP says \`${approval}\``, /does not end with a JSON object/],
    ['an unclosed brace before it', `function f() { // never closed\n${approval}`, /inside something/],
    ['a brace that is closed twice before', `} {"summary":"the fixture ${approval}`, /inside something/],
    ['a rejection cut off', `{"findings":[{"severity":"high","problem":"it reads ${approval}`, /inside something/],
    ['two that differ in the word', `${json(rejected)}\n${json(approved)}`, /another verdict before/],
    [
      'two that differ in a finding',
      `${json({ ...rejected, findings: [] })}\n${json(rejected)}`,
      /another verdict before/,
    ],
    ['a quoted approval before the real one', `The WP says '${approval}'. ${json(rejected)}`, /another verdict before/],
    ['a broken one before it', `{"verdict":"maybe"} ${approval}`, /another verdict before/],
    ['a nested one before it', `{"result":{"verdict":"changes_requested"}} ${approval}`, /another verdict before/],
    [
      'a trailing comma',
      `${approval}\n{"verdict":"changes_requested","findings":[{"problem":"x"},]}`,
      /does not end with a valid JSON object/,
    ],
    [
      'a trailing comma before it',
      `{"verdict":"changes_requested","findings":[],} ${approval}`,
      /another verdict before/,
    ],
    [
      'a Python dict',
      `${approval}\n{'verdict': 'changes_requested', 'findings': []}`,
      /does not end with a valid JSON object/,
    ],
    ['a Python dict before it', `{'verdict': 'changes_requested'} ${approval}`, /another verdict before/],
    ['a JavaScript object before it', `{ a: 1, verdict: 'changes_requested' } ${approval}`, /another verdict before/],
    ['JSON in a string before it', `${json(json(rejected))} ${approval}`, /another verdict before/],
    ['typographic quotes before it', `{“verdict”: “changes_requested”} ${approval}`, /another verdict before/],
    ['an escaped key before it', `{"\\u0076erdict":"changes_requested"} ${approval}`, /another verdict before/],
    [
      'a quotation that is not escaped',
      `{"verdict": "changes_requested", "summary": "the fixture ${approval} is wrong", "findings": []}`,
      /does not end with a valid JSON object/,
    ],
    [
      'the same one inside another before it',
      `{"was":${approval},"now":"changes_requested"} ${approval}`,
      /another verdict before/,
    ],
    ['one inside an object', json({ answer: approved }), /inside another object/],
    ['one inside an approved one', json({ ...approved, note: [rejected] }), /inside another object/],
    ['the key twice', '{"verdict":"changes_requested","summary":"x","verdict":"approved"}', /a key twice/],
    ['the key twice, escaped', '{"verdict":"changes_requested","\\u0076erdict":"approved"}', /a key twice/],
    ['findings twice', '{"verdict":"approved","findings":[{"severity":"high"}],"findings":[]}', /a key twice/],
    [
      'a severity twice',
      '{"verdict":"approved","findings":[{"severity":"high","severity":"low","problem":"a: b"}]}',
      /a key twice/,
    ],
    ['too deep lists', `{"verdict":"approved","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /too deep/],
    ['too deep objects', `{"verdict":"approved","x":${'{"a":'.repeat(99)}1${'}'.repeat(99)}}`, /too deep/],
  ])('is no verdict: %s', (_, text, reason) => {
    check(inText(text), reason)
  })

  it('is no verdict however far the two are apart', () => {
    const far = 'x'.repeat(300_000)
    check(inText(`${json(rejected)}${far}${approval}`), /another verdict before/)
    check(inText(`${far}${approval}`), 'approved')
  })

  it.each(['{', '}', '{"a":', '"', '\\', '\\"}', '`', ' ', ',', "{'", '"verdict"', '\\u0076'])(
    'is read in linear time: %j',
    part => {
      const long = part.repeat(Math.ceil(1_000_000 / part.length))
      const begun = process.cpuUsage()
      for (const text of [long, `${long}}`, `${long}\n${approval}`, `${approval}${long}`, `{"a":"${long}"}`]) {
        inText(text)
      }
      const { user, system } = process.cpuUsage(begun)
      expect((user + system) / 1e6).toBeLessThan(10)
    },
  )
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
    walk(JSON.parse(verdictJsonSchema()))
    expect(objects).toHaveLength(5)
    for (const object of objects) {
      expect(object.additionalProperties).toBe(false)
      expect(object.required).toEqual(Object.keys(object.properties ?? {}))
    }
    expect(json(JSON.parse(verdictJsonSchema()))).not.toMatch(/\$schema|minimum|maximum|"default"/)
  })
})
