import { describe, expect, it } from 'vitest'
import { subtasksClaimed } from '../../../src/core/work-package/subtasks.ts'

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
