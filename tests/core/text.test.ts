import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oneLine, quote, redact } from '../../src/core/text.ts'

const pem =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nAAAAB3NzaC1\n-----END OPENSSH PRIVATE KEY-----'

describe('redact', () => {
  it.each([
    ['key sk-ant-api03-AbCdEf123456_x-9 was refused', 'AbCdEf123456'],
    ['Incorrect API key provided: sk-proj-abcdefgh12345678.', 'abcdefgh12345678'],
    ['remote: ghp_abcdefghijklmnopqrstuvwxyz0123456789 denied', 'abcdefghijkl'],
    ['github_pat_11ABCDEFG0abcdefghijkl_mnop', '11ABCDEFG0'],
    ['AKIAIOSFODNN7EXAMPLE is not authorised', 'AKIAIOSFODNN7EXAMPLE'],
    ['xoxb-123456789012-abcdefghijkl', 'abcdefghijkl'],
    ['Authorization: Bearer abc.def-ghi_jkl', 'abc.def-ghi_jkl'],
    ['authorization: basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNz'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl here', 'eyJzdWIi'],
    ['OPENAI_API_KEY=verysecretvalue', 'verysecretvalue'],
    ['export DB_PASSWORD="with blanks in it"', 'blanks'],
    ["my_secret='hunter2'", 'hunter2'],
    ['npm_token = 1234', '1234'],
    ['{"api_key":"short-one"}', 'short-one'],
    ['{\\"access_token\\":\\"short-one\\"}', 'short-one'],
    ['client_secret: a1b2c3d4e5', 'a1b2c3d4e5'],
    ['https://user:hunter2@example.invalid/repo.git', 'hunter2'],
    [pem, 'b3BlbnNzaC1r'],
    [pem.replaceAll('\n', ' '), 'AAAAB3NzaC1'],
    [`${pem.split('\n').slice(0, 3).join('\n')}`, 'AAAAB3NzaC1'],
  ])('takes the secret out of %j', (text, secret) => {
    expect(text).toContain(secret)
    expect(redact(text)).not.toContain(secret)
    expect(redact(text)).toContain('[redacted]')
  })

  it.each([
    'task-management-and-more',
    'exceeded retry limit, last status: 429 Too Many Requests',
    'input_tokens: 200',
    'the key is missing',
    'commit 7a82eb0c1d2e3f405162738495a6b7c8d9e0f123',
    'https://example.invalid/a@b',
  ])('leaves %j as it is', text => {
    expect(redact(text)).toBe(text)
  })

  it('takes linear time on text made to slow it down', () => {
    const hostile = [
      'a-'.repeat(100_000),
      'KEY'.repeat(60_000),
      '-----BEGIN A-----'.repeat(10_000),
      'x://'.repeat(50_000),
    ]
    for (const text of hostile) expect(redact(text).length).toBeLessThanOrEqual(text.length)
  }, 5_000)
})

describe('oneLine', () => {
  it.each([
    ['plain', 'plain'],
    ['  two\r\n  lines\t here ', 'two lines here'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]8;;https://x.invalid\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b2Jgone', 'gone'],
    ['a\u001bPdevice control\u001b\\b', 'ab'],
    ['a\u0000b\u0008c\u007f', 'a b c'],
    ['safe\u202etxt.exe', 'safe txt.exe'],
    ['zero\u200bwidth', 'zero width'],
    ['lone escape \u001b', 'lone escape'],
  ])('makes %j %j', (text, line) => {
    expect(oneLine(text)).toBe(line)
  })

  it('cuts to the length asked for and never through a surrogate pair', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…')
    expect(oneLine('ab😀cd', 4)).toBe('ab…')
  })

  it('never lets a control character through, and keeps the length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, maxLength) => {
        const line = oneLine(text, maxLength)
        expect(line).not.toMatch(/\p{Cc}/u)
        expect(line.length).toBeLessThanOrEqual(maxLength)
      }),
    )
  })
})

describe('quote', () => {
  it('redacts before it cuts, and sees through escapes', () => {
    expect(quote(`${'x'.repeat(20)} sk-abcdefghijklmnop`, 30)).not.toContain('sk-abc')
    expect(quote('sk-abcd\u001b[0mefghijkl')).toBe('[redacted]')
  })
})
