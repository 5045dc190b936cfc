import { afterAll, beforeAll, expect, it } from 'vitest'
import { everyFreeSetting, groupsOf, openSweep, type Sweep } from '../self-test/sweep.ts'

/** One that hides what another does has less company to do it in than in `npm test`. */
const inOneReplay = 25

let sweep: Sweep
beforeAll(async () => {
  sweep = await openSweep()
})
afterAll(() => sweep.dispose())

it('comes out the same under every setting of git, few at once', async () => {
  const settings = everyFreeSetting(sweep.files)
  const keys = new Set(settings.map(({ key }) => key.toLowerCase()))
  const groups = groupsOf(settings, inOneReplay)
  const found: string[] = []
  const refused: string[] = []
  for (const group of groups) {
    refused.push(...sweep.refused(group).map(({ key, value }) => `${key}=${value}`))
    found.push(...(await sweep.culprits(group)))
  }
  console.log(`${keys.size} keys, ${settings.length} settings in ${groups.length} replays: ${found.length} differ`)
  console.log(`refused by git itself: ${[...new Set(refused)].join(', ') || 'none'}`)
  expect(found).toEqual([])
})
