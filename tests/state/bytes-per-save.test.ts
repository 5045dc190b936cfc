import { expect, it } from 'vitest'
import { newRecord } from '../../src/core/work-package/work-package.ts'
import { createStateWriter } from '../../src/state/saving/state-writer.ts'
import { loadRunState } from '../../src/state/state-file.ts'
import { fullRecord, sampleState, useKittify, wp } from './sample-state.ts'
import { useWatchedDisk } from './watched-disk.ts'

const disk = useWatchedDisk()
const kittify = useKittify()

/** Each WP of a mission is saved again and again, with more attempts every time. */
async function bytesPerSave(wps: number): Promise<number> {
  const writer = createStateWriter(kittify(), sampleState, () => undefined)
  await writer.replace({ ...sampleState, workPackages: {} })
  const before = disk.bytes
  let saves = 0
  for (let number = 1; number <= wps; number += 1) {
    const id = wp(`WP${String(number).padStart(2, '0')}`)
    for (const attempts of [0, 2].map(count => fullRecord.attempts.slice(0, count))) {
      await writer.save({ workPackages: { [id]: { ...newRecord(id), attempts } } })
      saves += 1
    }
  }
  const loaded = await loadRunState(kittify())
  expect(loaded.kind === 'loaded' && Object.keys(loaded.state.workPackages)).toHaveLength(wps)
  return (disk.bytes - before) / saves
}

it('a save of one of 5,000 work packages writes less than twice as much as one of 100', {
  timeout: 120_000,
}, async () => {
  const [few, many] = [await bytesPerSave(100), await bytesPerSave(5_000)]
  console.log(JSON.stringify({ few, many }))
  expect(many).toBeLessThan(2 * few)
})
