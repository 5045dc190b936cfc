import { expect, it } from 'vitest'
import { findDilutions } from '../../src/core/judgement/dilution/find-dilutions.ts'
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

const paths = [
  ...['a.test.ts', 'test_a.py', 'a_test.go', 'tests/a.rs', 'tests/ATest.java', 'spec/a_spec.rb', 'a.Tests/ATests.cs'],
  ...[
    'tests/ATest.php',
    'tests/a.bats',
    'package.json',
    'pyproject.toml',
    'Makefile',
    'pom.xml',
    'Cargo.toml',
    'a.csproj',
  ],
  ...['vitest.config.ts', 'vite.config.ts', 'composer.json', 'tests/fixtures/a.json', 'src/a.ts', 'check.sh'],
]

/** 100 kB without a line end, and as many short lines. */
it.each([
  ...[
    'it.',
    'it.a',
    'it.only.',
    'expect',
    'expect ',
    'a-',
    'a.',
    'a',
    ' ',
    '\t',
    '@',
    '#[',
    '#[cfg_attr(',
    'fail_under',
    'max-',
  ],
  ...[
    'a:',
    'a: 1',
    '1',
    '"',
    'pytestmark = ',
    '|| ',
    'assert ',
    'assert!(',
    'assert a.',
    'test',
    '"test:',
    '(',
    '[',
    '{',
    '*',
  ],
])('finding dilutions takes linear time on a lot of %j', part => {
  const long = part.repeat(Math.ceil(100_000 / part.length))
  const many = Array.from({ length: 5_000 }, (_, n) => `-${part}${n}\n+${part}${n + 1}`).join('\n')
  const text = paths.map(
    path => `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${long}\n+${long}x\n${many}`,
  )
  const changes = paths.map(path => ({ path, kind: 'modified', mode: '100644', before: '1', after: '2' }) as const)
  const begun = process.cpuUsage()
  findDilutions({ changes, patch: { text: text.join('\n'), cut: false } }, ['sh check.sh', long])
  const { user, system } = process.cpuUsage(begun)
  expect((user + system) / 1e6).toBeLessThan(10)
})
