import { describe, expect, it } from 'vitest'
import { subtasksClaimed, subtasksOf } from '../../src/core/subtasks.ts'

const file = (frontmatter: string, body = '') =>
  `---\nwork_package_id: WP01\n${frontmatter}\nlane: planned\n---\n${body}`

describe('subtasksOf', () => {
  it.each([
    ['a list in lines', file('subtasks:\n- T001\n- T002'), ['T001', 'T002']],
    ['an indented list in quotes', file('subtasks:\n  - "T001"\n  - \'T002\''), ['T001', 'T002']],
    ['a list in brackets', file('subtasks: [T001, "T002"]'), ['T001', 'T002']],
    ['an empty list', file('subtasks: []'), []],
    ['none', file('title: x'), []],
    ['one named twice', file('subtasks:\n- T001\n- T001'), ['T001']],
    ['one with four digits', file('subtasks:\n- T1000'), ['T1000']],
    ['Windows line ends', file('subtasks:\n- T001\n- T002').replaceAll('\n', '\r\n'), ['T001', 'T002']],
    ['not the next key', file('subtasks:\n- T001\nhistory:\n- T009 was dropped'), ['T001']],
    ['not the check boxes of the text', file('title: x', '- [ ] T001 do it\nsubtasks:\n- T002\n'), []],
    ['nothing without frontmatter', 'subtasks:\n- T001\n', []],
    ['nothing in an unclosed one', '---\nsubtasks:\n- T001\n', []],
    ['nothing in an empty file', '', []],
  ])('%s', (_, text, expected) => {
    expect(subtasksOf(text)).toEqual(expected)
  })
})

describe('subtasksClaimed', () => {
  const own = ['T001', 'T002']
  it.each([
    ['the line asked for', 'All good.\nSubtasks done: T001 T002', ['T001', 'T002']],
    ['some of them', 'Subtasks done: T002', ['T002']],
    ['the last such line', 'Subtasks done: T001 T002\nNo, wait.\nSubtasks done: T001', ['T001']],
    ['with marks around it', '**Subtasks done: T001, T002**', ['T001', 'T002']],
    ['in other letters', 'subtasks DONE: T001', ['T001']],
    ['only its own', 'Subtasks done: T001 T777', ['T001']],
    ['none of them', 'Subtasks done: none', []],
    ['not what is only talked about', 'I did T001 and T002.', []],
    ['not in the middle of a sentence', 'Are the Subtasks done: T001?', []],
    ['nothing', '', []],
  ])('%s', (_, message, expected) => {
    expect(subtasksClaimed(message, own)).toEqual(expected)
  })
})
