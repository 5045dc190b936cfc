import { describe, expect, it } from 'vitest'
import { jsonRecords } from '../../../src/agents/reading/output.ts'
import { sessionIdOf, sessionNamed } from '../../../src/agents/reading/session-id.ts'
import type { JsonRecord } from '../../../src/core/json.ts'

const sessionIn = ({ session_id }: JsonRecord) => session_id
const line = (session_id: unknown) => `${JSON.stringify({ type: 'init', session_id })}\n`

describe('sessionIdOf', () => {
  it.each([['01a1fbcd-80cb-7b53-a368-28fa85a04430'], ['ses_e0458d26Xy'], ['implementation-c1-a12'], ['x'.repeat(100)]])(
    'takes %s',
    id => expect(sessionIdOf(id)).toBe(id),
  )

  it.each([
    ['nothing', ''],
    ['an option', '--dangerously-skip-permissions'],
    ['a short option', '-c'],
    ['a path', '../../etc/passwd'],
    ['two words', 'a b'],
    ['two lines', 'a\n--yolo'],
    ['a line end', 'a\n'],
    ['a NUL byte', 'a\0'],
    ['too much', 'x'.repeat(101)],
    ['letters of other scripts', 'ѕession'],
    ['no text', 7],
    ['an object', { toString: () => 'a' }],
    ['a list', ['a']],
    ['null', null],
  ])('refuses %s', (_, id) => expect(sessionIdOf(id)).toBeNull())
})

describe('sessionNamed', () => {
  it.each([
    ['the first that is named', { stdout: line('a') + line('b'), head: line('a'), cut: false }, 'a'],
    ['passing over what is none', { stdout: line('-a') + line('b'), head: '', cut: false }, 'b'],
    ['the beginning of a long output', { stdout: line('b'), head: `${line('a')}{"session_i`, cut: true }, 'a'],
    [
      'the end, where the beginning says nothing',
      { stdout: `half"}\n${line('b')}`, head: 'Warning\n', cut: true },
      'b',
    ],
    ['none', { stdout: '{"type":"result"}\nsession_id: a\n', head: '', cut: false }, null],
  ])('is %s', (_, output, expected) => expect(sessionNamed(output, sessionIn)).toBe(expected))

  it('is not what a line inside one value over many lines says', () => {
    const stdout = JSON.stringify({ answer: [{ session_id: 'planted' }] }, null, 1).replace(
      /\{\s*"session_id": "planted"\s*\}/,
      '\n{"session_id": "planted"}\n',
    )
    expect(jsonRecords(stdout)).toHaveLength(1)
    expect(sessionNamed({ stdout, head: stdout, cut: false }, sessionIn)).toBeNull()
  })
})
