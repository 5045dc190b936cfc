import { expect, it } from 'vitest'
import { protects } from '../../../../src/run/steps/files/protected-files.ts'

it.each([
  [true, 'tests/a.ts', 'tests/a.ts'],
  [true, './tests/a.ts', 'tests/a.ts'],
  [true, 'tests', 'tests/a/b.ts'],
  [true, 'tests/', 'tests/a.ts'],
  [true, 'tests/*', 'tests/a/b.ts'],
  [true, 'tests/**', 'tests/.hidden'],
  [false, 'tests', 'tests2/a.ts'],
  [true, '*.config.js', 'jest.config.js'],
  [true, '**/*.snap', 'a/b.snap'],
  [true, 'tests/A.ts', 'Tests/a.TS'],
  [true, 'app/[id].ts', 'app/[id].ts'],
  [false, 'src/**', 'tests/a.ts'],
  [false, 'x'.repeat(70_000), 'x'],
])('%s: %s, %s', (expected, pattern, path) => {
  expect(protects(['no/such', pattern])(path)).toBe(expected)
})
