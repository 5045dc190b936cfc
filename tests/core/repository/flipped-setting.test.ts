import { expect, it } from 'vitest'
import { type FlippedSetting, firstFlips } from '../../../src/core/repository/flipped-setting.ts'

const flip = (key: string, was: string | null, is: string | null): FlippedSetting => ({ key, was, is, cure: key })

it('of a setting that was flipped several times, the first change is kept: it knows the value before', () => {
  const bare = flip('core.bare', null, 'true')
  const hooks = flip('core.hooksPath', '.husky', null)
  const flips = [bare, hooks, flip('core.bare', 'true', 'false'), flip('core.hooksPath', null, 'x')]
  expect(firstFlips(flips)).toEqual([bare, hooks])
  expect(firstFlips([])).toEqual([])
})
