import { expect, it } from 'vitest'
import { differences } from '../../src/self-test/compare.ts'
import { seenIn } from './seen-in.ts'

it('comes out the same in a repository whose objects have sha256 names', async () => {
  expect(differences(await seenIn({}), await seenIn({ objects: 'sha256' }))).toEqual([])
})
