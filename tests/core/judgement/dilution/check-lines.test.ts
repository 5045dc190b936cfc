import { describe, expect, it } from 'vitest'
import {
  ignoresFailure,
  leavesOut,
  mixedLines,
  namedInChecks,
} from '../../../../src/core/judgement/dilution/check-files.ts'

/** Files that say other things as well: lines about tests and checks, and others. */
const mixed: Readonly<Record<string, { readonly yes: readonly string[]; readonly no: readonly string[] }>> = {
  'package.json': {
    yes: [
      '"test": "a"',
      '"test:unit": "a"',
      '"pretest": "a"',
      '"posttest.x-y" : "a"',
      '"lint-a": "b"',
      '"collectCoverage": 1',
      '"collectCoverageFrom": []',
      '"test-1": "a"',
      '"build": "eslint --max-warnings 3"',
    ],
    no: ['"testing-library": "1"', '"start": "a"', '"latest": "a"', '"test:": "a"', '"test$a": "b"'],
  },
  'pyproject.toml': {
    yes: [
      'addopts = "-q"',
      '  ignore = ["E1"]',
      'omit=[]',
      'exclude = []',
      'exclude_lines = []',
      'ignore_errors = true',
      'strict = true',
      'strict_optional = true',
      'disallow_any_expr = true',
      'warn_return_any = true',
      'disable = []',
      'disable_error_code = []',
      'reportMissingImports = true',
      'max-line-length = 3',
      'max-complexity: 3',
      'report_a = 1',
    ],
    no: ['gitignore = []', 'name = "a"', 'selected = 1', 'omit [', 'max- = 3', 'warn_ = 3', 'disallow_ = 3'],
  },
  Makefile: {
    yes: [
      'test:',
      'unit-test:',
      'tests:',
      'lint-all:',
      'test-unit :',
      'ci:',
      'ci-fast:',
      '  verify: a',
      'coverage_html:',
      '\tnpx vitest run',
      '\tgo vet ./...',
    ],
    no: ['precise:', 'cite:', 'build: a', '\tinstall contests', '$(X):'],
  },
  'Cargo.toml': {
    yes: [
      'unsafe_code = "deny"',
      'a={level="allow", priority = 1}',
      'test = false',
      '  harness=false',
      'doctest = false',
    ],
    no: ['name = "allowed"', 'google-test = "1"', 'contest = false', 'tests = 1'],
  },
  'composer.json': {
    yes: ['"test": "a"', '"test:unit" : "a"', '"analyse": "a"', '"analyze-all": "a"'],
    no: ['"analyxe": "a"', '"start": "a"', '"test unit": "a"'],
  },
  'vite.config.ts': {
    yes: ['test: {', 'test : {', 'threshold: 3', 'thresholds: {', '  retry: 2'],
    no: ['plugins: []', 'latest: 1', 'tester: 1'],
  },
}

describe('a line that says something to tests and checks', () => {
  const rows = Object.entries(mixed).flatMap(([path, { yes, no }]) => [
    ...yes.map(line => [path, line, true] as const),
    ...no.map(line => [path, line, false] as const),
  ])
  it.each(rows)('of %s, %j: %s', (path, line, expected) => {
    expect(mixedLines(path)?.test(line)).toBe(expected)
  })
})

it.each([
  ['npm test||true', true],
  ['npm test ||true', true],
  ['npm test ||  true', true],
  ['npm test || exit 0', true],
  ['npm test || true-ish', false],
  ['npm test || trueish', false],
  ['npm test;true', true],
  ['npm test;  true  ', true],
  ['npm test; true && b', false],
  ['continue-on-error: true', true],
  ['continue-on-error:  true', true],
  ['continue-on-error: false', false],
  ['allow_failure:  true', true],
  ['if:  false', true],
  ['elif: false', false],
  ['vitest --passWithNoTests', true],
  ['vitest --pass-with-no-tests', true],
])('%j lets a failure pass: %s', (line, expected) => {
  expect(ignoresFailure.test(line)).toBe(expected)
})

it.each([
  ["'no-eval': 'off',", true],
  ['no-eval: off', true],
  ['no-eval:off', true],
  ['takeoff: 1', false],
  ['a: offset', false],
  ['allowed: 1', false],
])('%j leaves something out: %s', (line, expected) => {
  expect(leavesOut.test(line)).toBe(expected)
})

it.each([
  ['check.sh', 'sh check.sh', true],
  ['check.sh', 'a && ./check.sh; b', true],
  ['check.sh', 'sh  "check.sh"', true],
  ['check.sh', 'sh sub/./check.sh', false],
  ['check.sh', 'sh check.sh.old', false],
])('%s is named in %j: %s', (path, command, expected) => {
  expect(namedInChecks(path, ['npm test', command])).toBe(expected)
})
