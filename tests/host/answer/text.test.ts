import { describe, expect, it } from 'vitest'
import { redactedLine, redactedQuote } from '../../../src/host/answer/text.ts'

describe('redactedLine', () => {
  it.each([
    ['a\nb\r\n\tc', 'a b c'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007x', 'x'],
    ['a\u202eb\u2066c\u200bd', 'abcd'],
    ['fatal: https://user:hunter2@example.invalid', 'fatal: https://user:[redacted]@example.invalid'],
    ['\u009b31mx', 'x'],
    ['日本 ✓ 😀', '日本 ✓ 😀'],
  ])('%j -> %j', (text, expected) => {
    expect(redactedLine(text)).toBe(expected)
  })

  it('is at most 500 bytes, cut between characters', () => {
    const line = redactedLine('😀'.repeat(1000))
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(500)
    expect(line).toMatch(/^(?:😀)+…$/u)
  })
})

describe('redactedQuote', () => {
  it.each([
    ['<html>\n', '"<html>\\n"'],
    ['\u{e0041}', '"\\udb40\\udc41"'],
    ['API_KEY=abc', '"API_KEY=[redacted]"'],
    ['\ufeff{}', '"\\ufeff{}"'],
    ['\u001b[2J\u0000\u007f\u009b\u202e', '"\\u001b[2J\\u0000\\u007f\\u009b\\u202e"'],
    ['say "x" \\', '"say \\"x\\" \\\\"'],
  ])('%j -> %s', (text, expected) => {
    expect(redactedQuote(text)).toBe(expected)
  })

  it('takes the first 500 bytes', () => {
    expect(redactedQuote('x'.repeat(10_000))).toBe(`"${'x'.repeat(500)}"`)
    expect(Buffer.byteLength(redactedQuote('é'.repeat(400)))).toBe(502)
  })
})
