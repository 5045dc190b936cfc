import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { statementOf } from '../../src/core/record/statement.ts'
import { parseEnvelope, parseStatement, statementSchema } from '../../src/record/schema.ts'
import { recordOf } from './a-record.ts'
import { envelopeWith } from './keys.ts'

const published = join(import.meta.dirname, '..', '..', 'docs', 'review-record.schema.json')
const statement = statementOf(recordOf({ after: 'c'.repeat(40) }), 'd'.repeat(40))

/** Not zod: what a reader of the published schema uses. */
function validate(value: unknown): boolean {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  return ajv.compile(JSON.parse(readFileSync(published, 'utf8')))(value) === true
}

/** The statement with another value at a path; undefined: without it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone<unknown>(statement)
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const at = keys.reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), copy)
  if (!isObject(at)) throw new Error(path)
  at[last] = value
  return JSON.parse(JSON.stringify(copy))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const refused: readonly (readonly [path: string, value: unknown])[] = [
  ['_type', 'https://in-toto.io/Statement/v0.1'],
  ['predicateType', 'https://slsa.dev/provenance/v1'],
  ['subject', []],
  ['subject.0.digest', { gitCommit: 'HEAD' }],
  ['subject.0.digest', {}],
  ['subject.1.digest.gitTree', `${'d'.repeat(40)}\n`],
  ['predicate', undefined],
  ['predicate.more', 1],
  ['predicate.target.after', null],
  ['predicate.target.strategy', 'octopus'],
  ['predicate.run.recordedAt', 'yesterday'],
  ['predicate.judgements.0.verdict', 'maybe'],
  ['predicate.judgements.0.answered', undefined],
  ['predicate.judgements.0.reviewer.model', undefined],
  ['predicate.judgements.0.ranges.0.base', undefined],
  ['predicate.configuration.sha256', 'x'],
]

describe('the schema of a statement', () => {
  it('is published as the code has it (vitest --update writes it)', async () => {
    await expect(`${JSON.stringify(z.toJSONSchema(statementSchema), null, 2)}\n`).toMatchFileSnapshot(published)
  })

  it('accepts a record, by the published schema and by the code', () => {
    expect(validate(JSON.parse(JSON.stringify(statement)))).toBe(true)
    expect(parseStatement(envelopeWith(JSON.stringify(statement)))).toEqual({ ok: true, value: statement })
  })

  it('accepts a record of a repository with SHA-256 ids', () => {
    const long = statementOf(recordOf({ after: 'c'.repeat(64) }), 'd'.repeat(64))
    expect(validate(JSON.parse(JSON.stringify(long)))).toBe(true)
  })

  it.each(refused)('refuses %s = %j, by the published schema and by the code', (path, value) => {
    const odd = changed(path, value)
    expect(validate(odd)).toBe(false)
    expect(parseStatement(envelopeWith(JSON.stringify(odd)))).toMatchObject({ ok: false })
  })
})

describe('an envelope', () => {
  it.each([
    ['no JSON', 'text', 'the envelope is not as documented'],
    ['another payload type', JSON.stringify({ ...envelopeWith('{}'), payloadType: 'text/plain' }), 'at payloadType'],
    ['no base64', JSON.stringify({ ...envelopeWith('{}'), payload: '***' }), 'at payload'],
    ['a signature without a key id', JSON.stringify({ ...envelopeWith('{}'), signatures: [{ sig: '' }] }), 'keyid'],
    ['another field', JSON.stringify({ ...envelopeWith('{}'), more: 1 }), 'Unrecognized key'],
  ])('with %s is refused with the place', (_, content, why) => {
    expect(parseEnvelope(content)).toMatchObject({ ok: false, why: expect.stringContaining(why) })
  })
})
