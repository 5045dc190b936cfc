import { describe, expect, it } from 'vitest'
import { readWpFile } from '../../../src/run/mission/wp-file.ts'

const read = (text: string) => readWpFile(new TextEncoder().encode(text))
const file = (frontmatter: string, body = '') =>
  `---\nwork_package_id: WP01\n${frontmatter}\nlane: planned\n---\n${body}`

const ten = (name: string) => `[${Array(10).fill(name).join(', ')}]`
const bomb = `a: &a ${ten('T001')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nsubtasks: ${ten('*c')}`

describe('the subtasks of a WP file', () => {
  it.each([
    ['a list in lines', file('subtasks:\n- T001\n- T002'), ['T001', 'T002']],
    ['an indented list in quotes', file('subtasks:\n  - "T001"\n  - \'T002\''), ['T001', 'T002']],
    ['a list in brackets', file('subtasks: [T001, "T002"]'), ['T001', 'T002']],
    ['a list in brackets over several lines', file('subtasks: [\n  T001,\n  T002,\n]'), ['T001', 'T002']],
    ['with remarks', file('subtasks: # all of it\n- T001 # first\n\n- T002'), ['T001', 'T002']],
    ['an empty list', file('subtasks: []'), []],
    ['none', file('title: x'), []],
    ['one named twice', file('subtasks:\n- T001\n- T001'), ['T001']],
    ['one with four digits', file('subtasks:\n- T1000'), ['T1000']],
    ['Windows line ends', file('subtasks:\n- T001\n- T002').replaceAll('\n', '\r\n'), ['T001', 'T002']],
    ['a byte order mark', `\ufeff${file('subtasks: [T001]')}`, ['T001']],
    ['not the next key', file('subtasks:\n- T001\nhistory:\n- T009 was dropped'), ['T001']],
    ['not the check boxes of the text', file('title: x', '- [ ] T001 do it\nsubtasks:\n- T002\n'), []],
    ['nothing without frontmatter', 'subtasks:\n- T001\n', []],
    ['nothing in an unclosed one', '---\nsubtasks:\n- T001\n', []],
    ['nothing in an empty file', '', []],
    ['nothing in one that is no YAML', file('subtasks: [T001'), []],
    ['nothing in one that is no mapping', '---\n- T001\n---\n', []],
    ['nothing in one of another kind', file('subtasks: {a: T001}'), []],
    ['nothing in one made to blow up', file(bomb), []],
  ])('%s', (_, text, expected) => {
    expect(read(text).subtasks).toEqual(expected)
  })
})

describe('the owned files', () => {
  it.each([
    ['as the host writes them', 'owned_files:\n- src/a.ts\n- docs/**', ['src/a.ts', 'docs/**']],
    ['in brackets, with a comma in quotes', 'owned_files: ["a, b.ts", "src/{c,d}.ts"]', ['a, b.ts', 'src/{c,d}.ts']],
    ['in quotes', 'owned_files:\n- "src/{a,b}.ts"\n- \'!x\'\n- "#y"', ['src/{a,b}.ts', '!x', '#y']],
    ['one without a list', 'owned_files: src/a.ts', ['src/a.ts']],
    ['blanks aside', 'owned_files:\n- " src/a.ts "\n- ""', ['src/a.ts']],
    ['what is no text left out', 'owned_files: [src/a.ts, 7, {a: b}, null]', ['src/a.ts']],
    ['none', 'title: x', []],
  ])('%s', (_, text, expected) => {
    expect(read(file(text)).ownedFiles).toEqual(expected)
  })

  it.each([
    ['scope: codebase-wide', true],
    ['scope: null', false],
    ['scope: [codebase-wide]', false],
    ['title: codebase-wide', false],
  ])('%s: every file is its own: %s', (text, expected) => {
    expect(read(file(text)).codebaseWide).toBe(expected)
  })

  it('of a file with bytes that are no text are read all the same', () => {
    const text = new TextEncoder().encode(file('owned_files: [src/a.ts]'))
    expect(readWpFile(new Uint8Array([...text, 0xff, 0xfe, 0])).ownedFiles).toEqual(['src/a.ts'])
  })
})
