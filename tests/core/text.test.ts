import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstBytes,
  lastBytes,
  oneLine,
  plainJson,
  printable,
  quote,
  redact,
  shellName,
  shellWord,
  shorten,
} from '../../src/core/text.ts'

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
    ['deploy --token abcdef123456 --force', 'abcdef123456'],
    ["login --api-key 'abc def' now", 'abc def'],
    ['sk_live_abcdefgh12345678', 'abcdefgh'],
    ['rk_test_abcdefgh12345678', 'abcdefgh'],
    ['ya29.a0AfH6SMBabcdefgh', 'a0AfH6SMB'],
    ['xapp-1-A0123456789-abcdefgh', 'A0123456789'],
    ['Authorization: token abcdef', 'abcdef'],
    ['{"Authorization": "0123456789abcdef"}', '0123456789abcdef'],
    ['DB_PASS=hunter2', 'hunter2'],
    ['MYSQL_PWD=hunter2', 'hunter2'],
    ['Cookie: session=abcd; theme=dark', 'abcd'],
    ['set-cookie: sid=abcd; Path=/', 'abcd'],
    ['Cookie: theme=dark; session=abcd', 'abcd'],
    ['password: hunter2', 'hunter2'],
    ['"passphrase":"abc"', 'abc'],
    ['PASSWORD=one,two', 'two'],
    ['PASSWORD="unclosed value at the end', 'value at'],
    ["PASSWORD='unclosed value at the end", 'value at'],
    ['{\\"password\\":\\"unclosed value at the end', 'value at'],
    ['PASSWORD="it is \\"quoted\\" value"', 'value'],
    ['PASSWORD="ends in a backslash\\', 'backslash'],
    ['API_KEY: "unclosed value at the end', 'value at'],
    ['https://abcdef0123456789@github.com/x', 'abcdef0123456789'],
    ['https://user:pa/ss@example.invalid', 'pa/ss'],
    ['https://user:p@ss@example.invalid', 'ss@'],
    ['postgres://:hunter2@db/x', 'hunter2'],
    ['the token eyJaaaaaaaa.eyJbbbbbbbb', 'bbbbbbbb'],
    [`eyJ${'a'.repeat(3_000)}.eyJbbbbbbbb`, 'bbbbbbbb'],
    ['a session-eyJaaaaaaaa.eyJbbbbbbbb', 'bbbbbbbb'],
    [pem, 'b3BlbnNzaC1r'],
    [pem.replaceAll('\n', ' '), 'AAAAB3NzaC1'],
    [`${pem.split('\n').slice(0, 3).join('\n')}`, 'AAAAB3NzaC1'],
  ])('takes the secret out of %j', (text, secret) => {
    expect(text).toContain(secret)
    expect(redact(text)).not.toContain(secret)
    expect(redact(text)).toContain('[redacted]')
  })

  it.each([
    ['it says: AAAAB3NzaC1\nb3BlbnNz+/==\n-----END OPENSSH PRIVATE KEY-----, and more', 'it says:[redacted], and more'],
    ['b3BlbnNz\n-----END KEY-----', '[redacted]'],
    ['deploy --token abcdef123456 --force', 'deploy --token [redacted] --force'],
    ['API_KEY=verysecretvalue; next', 'API_KEY=[redacted]; next'],
  ])('takes nothing but the secret out of %j', (text, left) => {
    expect(redact(text)).toBe(left)
  })

  it.each([
    'task-management-and-more',
    'exceeded retry limit, last status: 429 Too Many Requests',
    'input_tokens: 200',
    'the key is missing',
    'no keys: none',
    'the key idea: simple',
    'tokens: 1200',
    'pass --token to log in',
    'run it with --max-tokens 4096',
    'all tests pass: 12 of 12',
    'the bypass=true switch',
    'PWD=/home/someone',
    'cookies: two of them',
    'Authorization: must be checked first',
    'git clone ssh://git@example.invalid/repo.git',
    'http://localhost:4873/@scope/package',
    '12:30@noon',
    'commit 7a82eb0c1d2e3f405162738495a6b7c8d9e0f123',
    'https://example.invalid/a@b',
  ])('leaves %j as it is', text => {
    expect(redact(text)).toBe(text)
  })
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
    ['a\u0000b\u0008c\u007f', 'abc'],
    ['safe\u202etxt.exe', 'safetxt.exe'],
    ['zero\u200bwidth', 'zerowidth'],
    ['an alm \u061c, a soft\u00ad hyphen, a tag \u{e0041}', 'an alm , a soft hyphen, a tag'],
    ['half \ud83d of one', 'half of one'],
    ['next\u0085line\u2028line\u2029line', 'next line line line'],
    ['lone escape \u001b', 'lone escape'],
    ['a\u001b(Bb\u001b7c', 'abc'],
  ])('makes %j %j', (text, line) => {
    expect(oneLine(text)).toBe(line)
  })

  it('cuts to the length asked for and never through a surrogate pair', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…')
    expect(oneLine('ab😀cd', 4)).toBe('ab…')
    expect(oneLine('abcd', 4)).toBe('abcd')
    expect(oneLine('a😀bcd', 5)).toBe('a😀b…')
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

describe('text of several lines', () => {
  it.each([
    ['one\r\ntwo\rthree\n\n\tfour', 'one\ntwo\nthree\n\n\tfour'],
    ['\u001b[31mred\u001b[0m\n\u001b]0;title\u0007bell\u0007', 'red\nbell'],
    ['a\u0000b\u0085c\u202ed\u00ade', 'abcde'],
  ])('%j is printed as %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('is JSON in which nothing is hidden, with the same value', () => {
    const hiding = 'soft\u00adhyphen \u202eright to left \u0085 \u{e0041} \ud83d'
    expect(plainJson(hiding)).toBe(String.raw`"soft\u00adhyphen \u202eright to left \u0085 \udb40\udc41 \ud83d"`)
    expect(JSON.parse(plainJson(hiding))).toBe(hiding)
  })
})

/** What is part of how a word or a sign is written stays; its twin between other letters only hides something. */
it.each([
  ['می\u200cخواهم', 'می\u200cخواهم'],
  ['क्\u200dष and ශ්\u200dරී', 'क्\u200dष and ශ්\u200dරී'],
  ['👩🏽\u200d💻 👨\u200d👩\u200d👧 ❤️\u200d🔥', '👩🏽\u200d💻 👨\u200d👩\u200d👧 ❤️\u200d🔥'],
  ['Grüße, e\u0301té, שלום, 日本語', 'Grüße, e\u0301té, שלום, 日本語'],
  ['sk-abc\u200ddefghij', 'sk-abcdefghij'],
  ['ا\u200c\u200cا \u200cا', 'اا ا'],
  ['é\u200de', 'ée'],
])('%j is shown as %j by all that shows text', (text, shown) => {
  expect([oneLine(text), printable(text), JSON.parse(plainJson(text))]).toEqual([shown, shown, text])
  expect(plainJson(shown)).toBe(JSON.stringify(shown))
})

it("a shell takes a word for what it is, as the path of someone's folder", () => {
  const path = '/it\'s $HOME `id` \\ "new"\nfolder'
  expect(execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(path)}`], { encoding: 'utf8' })).toBe(path)
})

it.each([
  ['origin', 'origin'],
  ['feature/x-1.2_b', 'feature/x-1.2_b'],
  ['it is', "'it is'"],
  ["it's", "'it'\\''s'"],
  ['$HOME', "'$HOME'"],
  ['', "''"],
])('the name %j is typed as %s', (name, typed) => {
  expect(shellName(name)).toBe(typed)
})

describe('quote', () => {
  it('redacts before it cuts, and sees through escapes', () => {
    expect(quote(`${'x'.repeat(20)} sk-abcdefghijklmnop`, 30)).not.toContain('sk-abc')
    expect(quote('sk-abcd\u001b[0mefghijkl')).toBe('[redacted]')
  })

  it('shows no part of a secret that lies across the end of what it looks at', () => {
    for (let filling = 0; filling < 60; filling += 1) {
      const text = `PASSWORD="${'y'.repeat(4_500)}" ${'x '.repeat(260 + filling)}sk-abcdefghijklmnop ${'z '.repeat(9_000)}`
      expect(quote(text, 1_000)).not.toMatch(/sk-|abcd|yyy/)
    }
  })

  it('says that it left something out', () => {
    expect(quote(`PASSWORD=${'y'.repeat(9_000)} and more`, 100)).toBe('PASSWORD=[redacted]…')
    expect(quote('word '.repeat(9_000), 10)).toBe('word word…')
  })
})

describe('a part of a text by its bytes', () => {
  it.each([
    ['abc', 2, 'ab', 'bc'],
    ['漢字', 3, '漢', '字'],
    ['漢字', 5, '漢', '字'],
    ['漢字', 2, '', ''],
    ['a😀b', 4, 'a', 'b'],
    ['abc', 9, 'abc', 'abc'],
    ['abc', 0, '', ''],
    ['abc', -1, '', ''],
  ])('of %j, %d: its beginning %j, its end %j', (text, bytes, first, last) => {
    expect([firstBytes(text, bytes), lastBytes(text, bytes)]).toEqual([first, last])
  })
})

describe('shorten', () => {
  it.each([
    ['😀😀', 8, '', '😀😀'],
    ['abcdef', 6, '…', 'abcdef'],
    ['abcdefg', 6, '…', 'abc…'],
    ['ééééé', 9, ' +', 'ééé +'],
  ])('makes %j fit into %i bytes with the mark %j: %j', (text, bytes, mark, short) => {
    expect(shorten(text, bytes, mark)).toBe(short)
  })

  it.each([[100], [101], [102], [103]])('fits into %i bytes and says so', limit => {
    const short = shorten('😀'.repeat(100), limit)
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(limit)
    expect(Buffer.byteLength(short)).toBeGreaterThan(limit - 4)
    expect(short).toMatch(/^(?:😀)+ … \[shortened\]$/u)
  })
})
