import { describe, expect, it } from 'vitest'
import { duration, table, usage } from '../../src/core/format.ts'

it.each([
  [0, '0.0 s'],
  [1_249, '1.2 s'],
  [59_949, '59.9 s'],
  [59_999, '1 m 00 s'],
  [60_000, '1 m 00 s'],
  [61_500, '1 m 01 s'],
  [754_900, '12 m 34 s'],
  [3_599_000, '59 m 59 s'],
  [3_600_000, '1 h 00 m'],
  [7_384_000, '2 h 03 m'],
  [90_000_000, '25 h 00 m'],
  [-5, '0.0 s'],
])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text))

it.each([
  [null, 'unknown'],
  [{ inputTokens: null, outputTokens: null, costUsd: null }, 'unknown'],
  [{ inputTokens: 0, outputTokens: 0, costUsd: 0 }, '0 tokens, $0.00'],
  [{ inputTokens: 5, outputTokens: null, costUsd: null }, '5 tokens'],
  [{ inputTokens: null, outputTokens: 7, costUsd: null }, '7 tokens'],
  [{ inputTokens: 12_000, outputTokens: 300, costUsd: 0.42 }, '12,300 tokens, $0.42'],
  [{ inputTokens: null, outputTokens: null, costUsd: 1.005 }, '$1.00'],
])('usage %j is %s', (used, text) => expect(usage(used)).toBe(text))

describe('a table', () => {
  it.each<[string, readonly (readonly string[])[], string]>([
    ['without rows is empty', [], ''],
    [
      'has columns as wide as their widest cell',
      [
        ['a', 'bb', 'c'],
        ['aaa', 'b', 'cc'],
      ],
      'a    bb  c\naaa  b   cc',
    ],
    [
      'has no blanks at the end of a line',
      [
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ],
      'a    bb  c\naaa  b',
    ],
    ['may have a row that is shorter than the first', [['WP01', 'done'], ['WP']], 'WP01  done\nWP'],
    ['may have a row that is longer than the first', [['WP01'], ['a', 'b', 'c']], 'WP01\na     b  c'],
  ])('%s', (_, rows, text) => expect(table(rows)).toBe(text))
})
