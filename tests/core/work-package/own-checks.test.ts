import { describe, expect, it } from 'vitest'
import { hiddenFilesCheckName, refusedAfterChecks } from '../../../src/core/work-package/own-checks.ts'
import type { CheckResult, RefusedTree } from '../../../src/core/work-package/work-package.ts'
import { record, work } from '../samples.ts'

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
