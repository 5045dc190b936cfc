import { describe, expect, it } from 'vitest'
import { lookUpIn } from '../../../src/agents/reading/json-path.ts'

const lines = (...records: readonly unknown[]) => records.map(record => JSON.stringify(record)).join('\n')
const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`

describe('a path into the JSON that a program prints', () => {
  it.each<[string, string, string, unknown]>([
    ['a name', lines({ status: 'ok' }), 'status', 'ok'],
    ['names and indexes', lines({ choices: [{ text: 'a' }, { text: 'b' }] }), 'choices.1.text', 'b'],
    ['a number as a name', lines({ models: { 4: 'x' } }), 'models.4', 'x'],
    ['a value that is false', lines({ is_error: false }), 'is_error', false],
    ['a value that is null', lines({ a: 1 }, { a: null }), 'a', null],
    ['the last record that has it', lines({ a: 1 }, { a: 2 }, { b: 3 }), 'a', 2],
    ['lines among other output', `starting\n${lines({ a: 1 })}\r\n\u001b[31mdone\u001b[0m\n{"a":`, 'a', 1],
    ['an array on one line', lines([{ a: 1 }, { a: 2 }]), 'a', 2],
    ['one object over many lines', JSON.stringify({ a: { b: [1, 2] } }, null, 2), 'a.b.1', 2],
    [
      'an inner line that looks like a record',
      '{\n"status": "failed",\n"of": [\n{"status": "ok"}\n]\n}\n',
      'status',
      'failed',
    ],
    ['a key called __proto__', '{"__proto__": {"a": 1}}', '__proto__.a', 1],
  ])('%s', (_, stdout, path, expected) => {
    expect(lookUpIn(stdout)(path)).toBe(expected)
  })

  it.each<[string, string, string]>([
    ['an absent name', lines({ a: {} }), 'a.b'],
    ['beyond the end of a list', lines({ a: [1] }), 'a.1'],
    ['an index far beyond it', lines({ a: [1] }), 'a.99999999999999999999999'],
    ['the length of a list', lines({ a: [1] }), 'a.length'],
    ['a negative index', lines({ a: [1] }), 'a.-1'],
    ['a character of a text', lines({ a: 'text' }), 'a.0'],
    ['below null', lines({ a: null }), 'a.b'],
    ['what every object inherits', lines({ a: {} }), 'a.__proto__'],
    ['its constructor', lines({ a: {} }), 'constructor.name'],
    ['a method of lists', lines({ a: [] }), 'a.map'],
    ['text inside a string', lines({ output: '{"status":"ok"}' }), 'status'],
    ['an output without JSON', 'status: ok\n', 'status'],
    ['an empty output', '', 'status'],
    ['very deep nesting', deep, 'a.b'],
  ])('%s is not there', (_, stdout, path) => {
    expect(lookUpIn(stdout)(path)).toBeUndefined()
  })

  it('finds its way through a long list', () => {
    const stdout = lines({ a: Array.from({ length: 50_000 }, (_, index) => ({ index })) })
    expect(lookUpIn(stdout)('a.49999.index')).toBe(49_999)
  })

  it('no path, no value', () => {
    expect(lookUpIn(lines({ null: 1 }))(null)).toBeUndefined()
  })
})
