import { describe, expect, it } from 'vitest'
import { redact } from '../../src/core/text.ts'

const raw = String.raw

/** Exactly what goes, written as `#`, and what stays around it. */
function redacted(text: string, left: string): void {
  expect(redact(text)).toBe(left.replaceAll('#', '[redacted]'))
}

describe('a token of a known make', () => {
  it.each([
    ['sk-abcdefgh', '#'],
    ['sk_live_abcdefgh sk_test_abcdefgh pk_live_abcdefgh rk_test_abcdefgh', '# # # #'],
    ['(sk-ant-api03-AbC_x-9)', '(#)'],
    ['ghp_abcdefghij gho_abcdefghij ghu_abcdefghij ghs_abcdefghij ghr_abcdefghij', '# # # # #'],
    ['github_pat_abcdefghij glpat-abcdefghij npm_abcdefghij hf_abcdefghij', '# # # #'],
    ['xoxa-abcdefghij xoxb-abcdefghij xoxe-abcdefghij xoxp-abcdefghij', '# # # #'],
    ['xoxr-abcdefghij xoxs-abcdefghij xapp-abcdefghij ya29.abcdefghij', '# # # #'],
    ['AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLE.', '#, #.'],
    [`AIza${'a'.repeat(30)}`, '#'],
    ['eyJaaaaaaaa.bbbbbbbb', '#'],
    ['eyJaaaaaaaa.bbbbbbbb. eyJaaaaaaaa.bbbbbbbb.c-_9 rest', '# # rest'],
    ['x_eyJaaaaaaaa.bbbbbbbb', 'x_#'],
    ['-----BEGIN A1 KEY-----\nx\n-----END A1 KEY-----y', '#y'],
    ['one\n-----BEGIN A-----\nx\ny', 'one\n#'],
  ])('%j becomes %j', redacted)

  it.each([
    'sk-abcdefg',
    'pk_live_abcdefg',
    'qk_live_abcdefgh',
    'sk_both_abcdefgh',
    'task-abcdefgh',
    'ask_live_abcdefgh',
    'ghp_abcdefghi',
    'ghx_abcdefghij',
    'xghp_abcdefghij',
    'xoxz-abcdefghij',
    'ya29-abcdefghij',
    'AKIAIOSFODNN7EXAMPL',
    'AKIAIOSFODNN7EXAMPLE1',
    'xAKIAIOSFODNN7EXAMPLE',
    'AKIAiosfodnn7example',
    `AIza${'a'.repeat(29)}`,
    `xAIza${'a'.repeat(30)}`,
    'eyJaaaaaaa.bbbbbbbb',
    'eyJaaaaaaaa.bbbbbbb',
    'xeyJaaaaaaaa.bbbbbbbb',
    'eyJaaaaaaaa,bbbbbbbb',
    '-----BEGIN a-----\nx',
    '-----BEGIN -----\nx',
  ])('%j is none', text => redacted(text, text))
})

describe('a secret in a header', () => {
  it.each([
    ['Bearer abcdefgh', 'Bearer #'],
    ['curl -H "bearer   abc.def~+/=-_9" x', 'curl -H "bearer #" x'],
    ['(basic abcdefgh=)', '(basic #)'],
    ['Authorization: Token abcd, x', 'Authorization: #, x'],
    ['Authorization=key abcd; x', 'Authorization=#; x'],
    ['authorization: api-key abcd', 'authorization: #'],
    ['authorization: apikey  abcd', 'authorization: #'],
    ['authorization: digest abcd', 'authorization: #'],
    ['authorization: negotiate abcd', 'authorization: #'],
    ['authorization: bearer abcd', 'authorization: #'],
    ['authorization: basic abcd', 'authorization: #'],
    ['Authorization : 0123456789abcdef', 'Authorization : #'],
    [`'Authorization': '0123456789abcdef' x`, `'Authorization': '#' x`],
    [raw`\"Authorization\": \"0123456789abcdef\"`, raw`\"Authorization\": \"#"`],
    ['Cookie: a=b next', 'Cookie: # next'],
    ['cookie: a=b;c="d";  e=f;g', 'cookie: #;g'],
    ['cookie:a=b', 'cookie:#'],
    ['Cookie: theme="dark"; session=abcd', 'Cookie: #'],
    ['"Cookie": "a=b", "x"', '"Cookie": "#", "x"'],
    [raw`\"cookie\" : \"a.b-c=\"`, raw`\"cookie\" : \"#"`],
  ])('%j becomes %j', redacted)

  it.each([
    'Bearer abcdefg',
    'Bearer    abcdefgh',
    'bearerabcdefgh',
    'xBearer abcdefgh',
    'Authorization: token abc',
    'Authorization: 0123456789abcde',
    'authorization 0123456789abcdef',
    'cookie: a',
    'cookie a=b',
  ])('%j is none', text => redacted(text, text))
})

describe('a secret in an address', () => {
  it.each([
    ['https://u:p@h/x', 'https://u:#@h/x'],
    ['redis://:p@h', 'redis://:#@h'],
    ['https://u:pa/ss@h', 'https://u:#@h'],
    ['https://u:p@s@h/x', 'https://u:#@h/x'],
    ['http://u:123456/x@y', 'http://u:#@y'],
    ['see <https://u:p@h> and "https://u:p@h"', 'see <https://u:#@h> and "https://u:#@h"'],
    ['https://tok@h/x HTTP://tok@h', 'https://#@h/x HTTP://#@h'],
  ])('%j becomes %j', redacted)

  it.each([
    'https://u:8080/x@y',
    'http://h:1/a@b',
    'https://a b@h',
    'https://a/b@h',
    'ssh://git@h/x',
    '//u:p@h',
    '"https://u:" p@h',
    'https://u:<p>@h',
  ])('%j holds none', text => redacted(text, text))
})

describe('a secret that has a name', () => {
  it.each([
    ['deploy --token abcdef --force', 'deploy --token # --force'],
    ['--secret abcdef --password abcdef --passwd abcdef', '--secret # --password # --passwd #'],
    ['--passphrase abcdef --credential abcdef --credentials abcdef', '--passphrase # --credential # --credentials #'],
    ['--api-key abcdef --apikey abcdef --access-key abcdef', '--api-key # --apikey # --access-key #'],
    ['--private-key abcdef --privatekey abcdef', '--private-key # --privatekey #'],
    ['--my-token "a b" c', '--my-token # c'],
    [`--My_Token   'a b' c`, '--My_Token   # c'],
    ['KEY=a TOKEN=a SECRET=a CREDENTIAL=a CREDENTIALS=a', 'KEY=# TOKEN=# SECRET=# CREDENTIAL=# CREDENTIALS=#'],
    ['PASSWORD=a PASSWD=a PASSPHRASE=a', 'PASSWORD=# PASSWD=# PASSPHRASE=#'],
    ['DB_PASS=a DB-PWD=a db_pass=a', 'DB_PASS=# DB-PWD=# db_pass=#'],
    ['KEY =  a', 'KEY =  #'],
    ['key_2.old-one=a;b', 'key_2.old-one=#;b'],
    ['?token=a&b', '?token=#&b'],
    ['api_key="a b" c', 'api_key=# c'],
    ["my_secret='a b' c", 'my_secret=# c'],
    [raw`{\"token\":\"a b\",\"c\":1}`, raw`{\"token\":#,\"c\":1}`],
    ['{"api_key": "a b", "c": 1}', '{"api_key": #, "c": 1}'],
    [raw`SECRET="it is \"quoted\" \\" c`, 'SECRET=# c'],
    ['TOKEN="never closed', 'TOKEN=#'],
    ["TOKEN='never closed", 'TOKEN=#'],
    [raw`TOKEN="ends in \ `.trimEnd(), 'TOKEN=#'],
    ['client_secret: a1b2c3d4 e', 'client_secret: # e'],
    ['password: a b', 'password: # b'],
    [`passwd:  'a b' c`, 'passwd:  # c'],
    ['passphrase: a', 'passphrase: #'],
    ['db_pwd: abcdefgh', 'db_pwd: #'],
  ])('%j becomes %j', redacted)

  it.each([
    '--token abcde',
    '--token -abcdefg',
    '--token    abcdef',
    '-token abcdef',
    'token abcdef',
    'KEY =    a',
    '_PASSx=a',
    'MYPASS=a',
    'PWD=a',
    'client_secret: a1b2c3d',
    'KEY: ""',
    "token: '' x",
    'password: "" x',
    "passwd: '' x",
    'KEY=',
  ])('%j is none', text => redacted(text, text))
})
