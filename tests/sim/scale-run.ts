import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { WpId } from '../../src/core/ids.ts'
import type { WpRecord } from '../../src/core/work-package/work-package.ts'
import type { RunState } from '../../src/state/schema.ts'
import { statePath } from '../../src/state/state-file.ts'
import { createStore } from '../../src/state/store.ts'
import type { PlannedWp } from '../run/fakes/memory-host.ts'
import { approves, implements_ } from '../run/fakes/scripted-agents.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { configOf, createWorld, runWorld, type World, wp } from '../run/fakes.ts'
import { pureTurns } from './pure-turns.ts'

/**
 * Started by scripts/bench/scale.mjs: drives the last 60 WPs of a mission of so many in the simulator, whose others are
 * done, then saves records of it in a folder. Prints what that took.
 */
const [count = '10', shape = 'wide', folder = '.'] = process.argv.slice(2)
const total = Number(count)
const driven = Math.min(total, 60)
const saves = 300

const nameOf = (index: number): WpId => wp(`WP${String(index + 1).padStart(2, '0')}`)

/** The numbers of the WPs on which one depends. */
const shapes: Readonly<Record<string, (index: number) => readonly number[]>> = {
  wide: () => [],
  chain: index => [index - 1],
  // Each ten after the ten before.
  layers: index => Array.from({ length: 10 }, (_, nth) => Math.floor(index / 10) * 10 - 10 + nth),
}

function dependenciesOf(index: number): readonly WpId[] {
  return (shapes[shape] ?? (() => []))(index)
    .filter(other => other >= 0)
    .map(nameOf)
}

function worldOf(first: number, records: Readonly<Record<WpId, WpRecord>>): World {
  const random = seededRandom(1)
  return createWorld({
    wps: Array.from({ length: total }, (_, index): PlannedWp => {
      // The host has at most 26 lanes.
      const laneId = `lane-${String.fromCharCode(97 + (index % 26))}`
      return {
        wpId: nameOf(index),
        dependencies: dependenciesOf(index),
        laneId,
        ...(index < first ? { lane: 'done' } : {}),
      }
    }),
    behave: ({ role }) => ({ ...(role === 'implementation' ? implements_ : approves), ms: 60_000 + 60_000 * random() }),
    config: configOf({ max_concurrent_wps: 8 }),
    topology: 'lanes',
    random,
    records,
  })
}

/** Drives the mission. */
async function drive(record: WpRecord) {
  const done = Array.from({ length: total - driven }, (_, index) => nameOf(index))
  const world = worldOf(done.length, Object.fromEntries(done.map(wpId => [wpId, { ...record, wpId }])))
  await runWorld(world)
  const notDone = Object.values(world.host.lanes()).filter(lane => lane !== 'done' && lane !== 'approved').length
  return { state: world.store.state(), notDone }
}

/** Decides in a mission of which the first half is done. */
function decide(record: WpRecord) {
  const nodes = Array.from({ length: total }, (_, index) => {
    return {
      wpId: nameOf(index),
      lane: index < total / 2 ? ('done' as const) : ('planned' as const),
      dependencies: dependenciesOf(index),
    }
  })
  return spread(pureTurns(nodes, record, 400))
}

/** Wall time and bytes of each save. */
async function save(state: RunState) {
  const parent = mkdtempSync(join(folder, 'scale-'))
  const kittify = join(parent, '.kittify')
  mkdirSync(kittify)
  const store = createStore(kittify, state)
  await store.replaceState(state)
  await store.replaceState(state)
  const records = store.records()
  const random = seededRandom(2)
  const times: number[] = []
  let bytes = 0
  let before = statSync(statePath(kittify))
  for (let nth = 0; nth < saves; nth += 1) {
    const record = records[Math.floor(random() * records.length)]
    if (!record) throw new Error('no records')
    const began = performance.now()
    await store.saveWorkPackage({ ...record, cycle: record.cycle + 1 })
    times.push(performance.now() - began)
    const after = statSync(statePath(kittify))
    bytes += after.ino === before.ino && after.size > before.size ? after.size - before.size : after.size
    before = after
  }
  rmSync(parent, { recursive: true })
  return { saves: spread(times), bytesPerSave: Math.round(bytes / saves) }
}

function spread(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), most: at(1) }
}

const record = await recordOfOne()
const { state, notDone } = await drive(record)
const peakMb = peak()
console.log(JSON.stringify({ count: total, shape, notDone, peakMb, decisions: decide(record), ...(await save(state)) }))

/** A record as a WP of the simulator leaves it. */
async function recordOfOne(): Promise<WpRecord> {
  const world = createWorld({
    wps: [{ wpId: nameOf(0) }],
    behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
  })
  await runWorld(world)
  return world.store.record(nameOf(0))
}

/** Of this program; what `resourceUsage` has includes the process that started it. */
function peak(): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}
