import { describe, expect, it } from 'vitest'
import { canonicalJson, withoutEnvValues } from '../../../src/core/record/canonical-json.ts'
import { payloadType, signedBytes } from '../../../src/core/record/envelope.ts'
import { attestationsRef, recordPath } from '../../../src/core/record/stored.ts'

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: { d: [2, 1], c: null } }, '{"a":{"c":null,"d":[2,1]},"b":1}'],
    [{ b: undefined, a: 'é"\n' }, '{"a":"é\\"\\n"}'],
    [[undefined, true], '[null,true]'],
    ['text', '"text"'],
    [null, 'null'],
    // RFC 8785 sorts by UTF-16 code units.
    [{ '\u{1f600}': 1, '\ufb33': 2 }, '{"\u{1f600}":1,"\ufb33":2}'],
  ])('of %j', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it('of a configuration has the names of variables, and no values', () => {
    const config = { agents: { settings: { codex: { env: { TOKEN: 's3cret', A: 'b' }, review: { env: {} } } } } }
    const shown = { agents: { settings: { codex: { env: ['A', 'TOKEN'], review: { env: [] } } } } }
    expect(withoutEnvValues(config)).toEqual(shown)
    expect(withoutEnvValues([{ env: null }, 1])).toEqual([{ env: null }, 1])
  })
})

describe('the bytes that are signed', () => {
  it('are as in the example of the DSSE specification', () => {
    const bytes = signedBytes('http://example.com/HelloWorld', new TextEncoder().encode('hello world'))
    expect(new TextDecoder().decode(bytes)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  })

  it('count bytes, not characters', () => {
    expect(new TextDecoder().decode(signedBytes('é', new Uint8Array()))).toBe('DSSEv1 2 é 0 ')
  })
})

describe('the names that other programs know', () => {
  it('are our ref and the type of a payload', () => {
    expect([attestationsRef, payloadType]).toEqual(['refs/sko/attestations', 'application/vnd.in-toto+json'])
  })
})

describe('the place of a record', () => {
  it.each([
    ['001-demo-01ABCDEF', '001-demo-01ABCDEF/c1.json'],
    ['../..', '%2E%2E%2F../c1.json'],
    ['.git', '%2Egit/c1.json'],
    ['a b\n', 'a%20b%0A/c1.json'],
    ['', '%00/c1.json'],
  ])('of mission %j is %s', (mission, path) => {
    expect(recordPath(mission, 'c1')).toBe(path)
  })
})
