import { expect, it } from 'vitest'
import { madeAfter } from '../../../src/core/work-package/made-by.ts'

it('only a commit of a later second than the end of an attempt cannot be its own', () => {
  const commits = [3_000, 4_000, 5_000, 6_000].map(committedAt => ({ commit: `at ${committedAt}`, committedAt }))
  expect(madeAfter(commits, 5_000).map(({ commit }) => commit)).toEqual(['at 6000'])
  expect(madeAfter(commits, 4_999)).toHaveLength(2)
  expect(madeAfter(commits, 9_000)).toEqual([])
})
