import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/core/gate/check-result.ts'
import {
  hiddenFilesCheckName,
  protectedAgain,
  protectedFilesCheckName,
  refusedAfterChecks,
} from '../../../src/core/work-package/own-checks.ts'
import type { RefusedTree } from '../../../src/core/work-package/work-package.ts'
import { attempt, record, work } from '../samples.ts'

const failing = (command: string): CheckResult => ({ command, exitCode: 1, output: '', log: null })
const hidden = failing(hiddenFilesCheckName)
const before: RefusedTree = { tree: 'older', cycle: 1, by: 'review' }
const refused: RefusedTree = { tree: 'tree', cycle: 2, by: 'checks' }

describe('the tree of work that fails', () => {
  it.each([
    ['a check of the project is refused from then on', [failing('npm test')], [before, refused]],
    ['the check for hidden files may come again: the worktree is corrected, not the commit', [hidden], [before]],
    ['both is refused', [hidden, failing('npm test')], [before, refused]],
  ])('%s', (_, results, expected) => {
    expect(refusedAfterChecks(record({ cycle: 2, refusedTrees: [before] }), work, results)).toEqual(expected)
  })
})

describe('a change of protected files', () => {
  const detail = `${protectedFilesCheckName}: it changes protected files: a.sh`
  const failed = (number: number, said: string, cycle = 2) =>
    attempt(number, { cycle, result: { kind: 'failed', failure: { class: 'checks-failed', detail: said } } })
  const said = `the work was refused twice for the same reason: ${detail}`

  it.each([
    ['for the first time is tried again', [attempt(1, { cycle: 2 })], detail, null],
    ['again asks a person', [failed(1, detail), attempt(2, { cycle: 2 })], detail, said],
    ['of other files is tried again', [failed(1, `${detail}, b.sh`)], detail, null],
    ['in an earlier cycle is tried again', [failed(1, detail, 1)], detail, null],
    ['before the last retry is tried again', [failed(0, detail)], detail, null],
    ['is not a failing check of the project', [failed(1, 'npm test: exit 1')], 'npm test: exit 1', null],
  ])('%s', (_, attempts, now, expected) => {
    expect(protectedAgain(record({ cycle: 2, attempts, retriedAfterAttempt: 0 }), now)).toBe(expected)
  })
})
