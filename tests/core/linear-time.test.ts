import { expect, it } from 'vitest'
import { quote, redact } from '../../src/core/text.ts'

it.each([
  ...[
    'eyJaaaaaaaa-',
    'eyJaaaaaaaa.',
    'a-',
    '-',
    ' ',
    'KEY',
    'KEY-',
    'KEY=',
    'KEY="',
    'KEY=\\',
    'KEY   ',
    '_PASS',
    'sk-',
  ],
  ...[
    '-----BEGIN ',
    '-----BEGIN A-----',
    '://',
    'x://',
    'x://a',
    'x://a:',
    'https://',
    '--token ',
    '--token',
    '"',
    '@',
  ],
  ...[
    'Cookie: a=',
    'cookie:a=b;',
    'Authorization: ',
    'authorization: token',
    'Basic ',
    'password:',
    '\u001b]',
    '\u001b[',
  ],
])('takes linear time on a megabyte of %j', part => {
  const text = part.repeat(Math.ceil(1_000_000 / part.length))
  // Of the processor: on a busy machine the clock shows many times more. Quadratic time would be minutes.
  const begun = process.cpuUsage()
  redact(text)
  quote(text)
  const { user, system } = process.cpuUsage(begun)
  expect((user + system) / 1e6).toBeLessThan(10)
})
