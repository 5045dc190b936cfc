import { describe, expect, it } from 'vitest'
import { closingObject, keysOf } from '../../../src/core/judgement/closing-object.ts'

const fence = '```'
const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

describe('the object that ends a text', () => {
  it.each<[string, string, string, string]>([
    ['alone', '{"a":1}', '', '{"a":1}'],
    ['empty', 'so: {}', 'so: ', '{}'],
    ['after words', 'It is done.\n{"a":1}', 'It is done.\n', '{"a":1}'],
    ['before blanks', '{"a":1} \n\t\n', '', '{"a":1}'],
    ['in a fence', `Here:\n${fence}json\n{"a":1}\n${fence}\n`, `Here:\n${fence}json\n`, '{"a":1}'],
    ['in a fence that is indented', `  ~~~\n  {"a":1}\n \n  ~~~~`, '  ~~~\n  ', '{"a":1}'],
    ['after another one', '{"a":1} {"b":2}', '{"a":1} ', '{"b":2}'],
    ['after a brace that nothing closes', '{ {"b":2}', '{ ', '{"b":2}'],
    ['with objects and lists inside', 'x {"a":{"b":[{"c":[]}]}}', 'x ', '{"a":{"b":[{"c":[]}]}}'],
    ['with braces, brackets and colons in a string', 'x {"a":"}]:{["}', 'x ', '{"a":"}]:{["}'],
    ['with a quote in a string', String.raw`{"a":"\"}"}`, '', String.raw`{"a":"\"}"}`],
    ['with a string that ends in a backslash', String.raw`x {"a":"{\\"}`, 'x ', String.raw`{"a":"{\\"}`],
    ['with a backslash and a quote in a string', String.raw`{"a":"\\\"{"}`, '', String.raw`{"a":"\\\"{"}`],
    ['with one key at several places', '{"a":{"a":1},"b":[{"a":2}]}', '', '{"a":{"a":1},"b":[{"a":2}]}'],
    ['32 levels deep', nested(32), '', nested(32)],
  ])('%s', (_, text, before, source) => {
    expect(closingObject(text)).toEqual({ ok: true, value: JSON.parse(source), source, before })
  })

  const noObject = 'the answer does not end with a JSON object'
  const invalid = 'the answer does not end with a valid JSON object'
  const twice = 'the object that ends the answer has a key twice'
  it.each([
    ['nothing', '', noObject],
    ['words alone', 'approved', noObject],
    ['words after it', '{"a":1} is it', noObject],
    ['a list', '[{"a":1}]', noObject],
    ['a fence with words behind it', `{"a":1}\n${fence} end`, noObject],
    ['a fence of two signs', '{"a":1}\n``', noObject],
    ['a fence on the line of the object', `{"a":1} ${fence}`, noObject],
    ['a fence on the line of another object', `{"a":1}\n{"b":2} ${fence}`, noObject],
    ['a brace that was never opened', 'a}', invalid],
    ['a brace that was opened as a bracket', '[1}', invalid],
    ['a string that never begins', 'a":1}', invalid],
    ['a key without quotes', '{a: 1}', invalid],
    ['a comma too much', '{"a":1,}', invalid],
    ['a key twice', '{"a":1,"a":2}', twice],
    ['a key twice in a nested object', '{"a":[{"b":1,"b":2}]}', twice],
    ['a key twice, once with an escape', String.raw`{"a":1,"\u0061":2}`, twice],
    ['33 levels', nested(33), 'the object that ends the answer is nested too deeply'],
    ['33 levels that are not JSON', nested(33).slice(5), 'the object that ends the answer is nested too deeply'],
  ])('is none: %s', (_, text, reason) => expect(closingObject(text)).toEqual({ ok: false, reason }))
})

it.each<[unknown, readonly string[]]>([
  [{ a: 1, b: { a: 2 } }, ['a', 'b', 'a']],
  [
    [{ a: 1 }, [{ b: 2 }], 'c'],
    ['a', 'b'],
  ],
  ['text', []],
  [null, []],
])('the keys of %j are %j', (value, keys) => expect(keysOf(value)).toEqual(keys))
