import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { adoptProcess } from '../../src/process/supervision/adopt-process.ts'
import { reapOrphans } from '../../src/process/table/orphans.ts'
import { useParents } from '../process/dying-parent.ts'
import { eventually, processesWith } from '../process/leaks.ts'
import { useRig } from '../process/run-fixture.ts'

/** fork, double fork, setsid, ignores TERM, is stopped, parent a zombie; and one without our marker. */
const shapes = [
  'child-and-grandchild',
  'double-fork',
  'leaves-session',
  'ignores-term',
  'stopped',
  'zombie-parent',
  'clears-environment',
]

const rig = useRig()
const startParent = useParents(rig)

const told = (text: string) => console.log(`process trees: ${text}`)

/** The whole tree, its parent killed: the shell above it, its root, and at least one below. */
async function orphaned(shape: string) {
  const parent = startParent({}, 'agent-tree.sh', shape, rig().token)
  const leader = await parent.started()
  await rig().ready()
  await eventually(() => processesWith(rig().token).length > 2, 'the tree is there')
  await parent.kill()
  return leader
}

const survivors = () => processesWith(rig().token)

describe.each(shapes)('%s', shape => {
  it.each([
    ['ended itself', { args: ['exit'], changes: {}, stop: false }],
    ['timeout', { args: [], changes: { timeoutSeconds: 1 }, stop: false }],
    ['abort', { args: [], changes: {}, stop: true }],
  ])('%s', async (how, { args, changes, stop }) => {
    const run = rig().run('agent-tree.sh', [shape, rig().token, ...args], changes)
    if (stop) await rig().ready()
    if (stop) rig().stop.abort()
    const { elapsedMs } = await run
    told(`${shape}, ${how}: ${survivors().length} survivors, gone after ${Math.round(elapsedMs)} ms`)
    expect(survivors()).toEqual([])
  })

  it('kill -9 of us, then a reap', async () => {
    const leader = await orphaned(shape)
    const marker = { name: 'SKO_TEST', value: rig().token }
    const ended = await reapOrphans({ marker, identities: [leader], graceSeconds: 1, spared: [] })
    told(`${shape}, kill -9 and reap: ${ended} ended, ${survivors().length} survivors`)
    expect(survivors()).toEqual([])
  })

  it('kill -9 of us, then adopted and aborted', async () => {
    const leader = await orphaned(shape)
    const spec = { ...rig().spec('/bin/true', []), statusFile: join(rig().folder, 'a.status') }
    const control = { signal: rig().stop.signal, onSpawn: async () => {}, onQuiet: () => {} }
    const adopted = adoptProcess({ ...spec, leader, startedAtMs: Date.now() }, control)
    rig().stop.abort()
    expect(await adopted?.ended).toMatchObject({ end: { kind: 'aborted' } })
    told(`${shape}, kill -9, adopted and aborted: ${survivors().length} survivors`)
    expect(survivors()).toEqual([])
  })
})

it('a server that is left behind holds nothing up', async () => {
  const gone = join(rig().folder, 'gone')
  const script = `setsid sh -c 'trap "touch gone; exit" TERM; sleep ${rig().token} & wait' & sleep 1`
  const { end, elapsedMs } = await rig().run('/bin/sh', ['-c', script])
  told(`background server: over ${Math.round(elapsedMs - 1000)} ms after the agent's exit`)
  expect(end).toEqual({ kind: 'exited', code: 0 })
  expect(existsSync(gone)).toBe(true)
  expect(elapsedMs - 1000).toBeLessThan(10_000)
})

it('twenty timeouts of 2 s: how late they come', async () => {
  const late: number[] = []
  for (let number = 0; number < 20; number++) {
    const { end, elapsedMs } = await rig().run('/bin/sleep', [rig().token], { timeoutSeconds: 2 })
    expect(end).toEqual({ kind: 'timed-out', seconds: 2 })
    expect(elapsedMs).toBeGreaterThan(1999)
    late.push(Math.round(elapsedMs) - 2000)
  }
  const sorted = late.toSorted((a, b) => a - b)
  told(`timeouts, until all is gone: median ${sorted[9]} ms late, p95 ${sorted[18]} ms, worst ${sorted[19]} ms`)
})
