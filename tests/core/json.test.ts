import { expect, it } from 'vitest'
import { isRecord, parseJson } from '../../src/core/json.ts'

it.each([
  [{}, true],
  [{ a: 1 }, true],
  [[], false],
  [null, false],
  [undefined, false],
  ['text', false],
  [1, false],
  [() => undefined, false],
])('%j is a record: %s', (value, expected) => expect(isRecord(value)).toBe(expected))

it.each([
  ['{"a":[1]}', { a: [1] }],
  ['null', null],
  ['', undefined],
  ['{', undefined],
  ["{'a': 1}", undefined],
])('%j is read as %j', (text, value) => expect(parseJson(text)).toEqual(value))
