import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { useCompiled } from '../process/compiled.ts'
import { sampleState, useKittify } from './sample-state.ts'

const outcome = z.object({
  value: z.unknown().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
})
const fault = z.looseObject({ code: z.string() })
const line = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('save'),
    how: z.enum(['whole', 'change']),
    fault,
    n: z.number(),
    save: outcome,
    onDisk: z.union([z.number(), z.string()]),
    left: z.array(z.string()),
    again: outcome,
    healed: z.number(),
  }),
  z.object({
    what: z.literal('lock'),
    fault,
    n: z.number(),
    lock: outcome,
    owner: z.string().nullable(),
    left: z.array(z.string()),
  }),
])

const faults = [
  { code: 'ENOSPC' },
  { code: 'ENOSPC', short: true },
  { code: 'EROFS', once: true },
  { code: 'EIO', once: true, short: true },
]

describe('a disk that fails at each call that changes something, one after the other', () => {
  const kittify = useKittify()
  const compiled = useCompiled(['.', 'core', 'files', 'process', 'run', 'state'])

  it('leaves the old state or the new one, a lock or none, and the path is named', () => {
    const [before, old, next] = [1, 2, 3].map(exitCode => ({ ...sampleState, exitCode }))
    const states = join(kittify(), 'states')
    writeFileSync(states, JSON.stringify({ before, old, next }))
    const preload = `--import=${pathToFileURL(resolve('fixtures/preload/fail-at.mjs'))}`
    const args = [preload, resolve('tests/state/failing-saves.mjs'), compiled(), states, JSON.stringify(faults)]
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: { SKO_FAIL_AT: '{}' } })
    const lines = printed.split('\n').filter(text => text !== '')
    const points = lines.map(text => line.parse(JSON.parse(text)))

    // Per fault: link and rename of the backup; open, write, sync and rename of the state; sync of the folder.
    expect(points.filter(point => point.what === 'save' && point.how === 'whole').length).toBe(8 * faults.length)
    // Open, write and sync of the change. If it cannot be opened, the whole state is written, at seven more calls.
    expect(points.filter(point => point.what === 'save' && point.how === 'change').length).toBe(4 * faults.length)
    // Open, write, sync and link.
    expect(points.filter(({ what }) => what === 'lock').length).toBeGreaterThanOrEqual(4 * faults.length)
    for (const point of points) {
      const { n, fault } = point
      const at = `${point.what === 'save' ? point.how : point.what} ${JSON.stringify(fault)} at ${n}`
      const { code, message } = point.what === 'save' ? point.save : point.lock
      const failed = code !== undefined
      if (failed) {
        expect([at, code]).toEqual([at, 'state-unwritable'])
        expect(message).toMatch(new RegExp(`^Cannot write .*/\\.kittify/.*: ${fault.code}`))
      }
      if (point.what === 'save') {
        const { onDisk, left, again, healed } = point
        expect([at, failed ? [2, 3] : [3]]).toEqual([at, expect.arrayContaining([onDisk])])
        expect([at, left, again.code, healed]).toEqual([at, [], undefined, 3])
      } else {
        expect([at, point.owner]).toEqual([at, failed ? null : 'first'])
        if (failed) expect([at, point.left]).toEqual([at, []])
      }
    }
  }, 120_000)
})
