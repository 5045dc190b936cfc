import { expect, it } from 'vitest'
import { isWpId } from '../../../src/core/ids.ts'
import { combinedSection, foretoldSection } from '../../../src/core/prompt/combined-section.ts'

const [wpId] = ['WP01'].filter(isWpId)
const first = { commit: 'a'.repeat(40), branch: 'kitty/lane-a', wpIds: wpId ? [wpId] : [] }
const target = { commit: 'b'.repeat(40), branch: 'work', wpIds: [] }
const failed = { command: 'npm test', exitCode: 1, output: '1 failed', log: null }

it('names the commits to merge, and the checks with their output', () => {
  const text = combinedSection({ kind: 'combined', others: [first, target], conflicts: [], results: [failed] })
  expect(text).toContain('merged with the work of WP01 (kitty/lane-a) and with what is new on the target branch work')
  expect(text).toContain(`    git merge ${first.commit}\n    git merge ${target.commit}\n`)
  expect(text).toContain('Then correct your work so that the checks pass')
  expect(text).toContain('Exit code 1:\n\n````text\n$ npm test\n1 failed\n````')
})

it('asks for no merge when nothing is to be merged', () => {
  const text = combinedSection({ kind: 'combined', others: [], conflicts: [], results: [failed] })
  expect(text).toContain('fail on a fresh checkout of the target branch with your work')
  expect(text).toContain('$ npm test')
  expect(text).not.toContain('git merge')
})

it('names the files of a conflict, on a line of their own each', () => {
  const text = combinedSection({ kind: 'combined', others: [first], conflicts: ['a.ts', 'b\nc'], results: [] })
  expect(text).toContain('git cannot merge it with the work of WP01 (kitty/lane-a).')
  expect(text).toContain(`    git merge ${first.commit}\n`)
  expect(text).toMatch(/- a\.ts\n- b\S* ?\S*c\n/)
})

it('says nothing when no conflict is foretold, and else the files and the commit', () => {
  expect(foretoldSection([])).toBe('')
  expect(foretoldSection([{ approved: first, files: ['a.ts', 'b.ts'] }])).toContain(
    `- The approved work of WP01 changes the same lines of a.ts, b.ts: its commit is ${first.commit}.`,
  )
})
