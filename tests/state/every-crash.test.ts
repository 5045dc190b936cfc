import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newRecord } from '../../src/core/work-package/work-package.ts'
import type { RunState } from '../../src/state/schema.ts'
import { loadRunState } from '../../src/state/state-file.ts'
import { createStore, type RunStore } from '../../src/state/store.ts'
import { whole } from '../whole.ts'
import { agent, fullRecord, sampleState, wp } from './sample-state.ts'
import { type Fault, useWatchedDisk } from './watched-disk.ts'

const disk = useWatchedDisk()

const runs = whole ? 500 : 20
const kinds = ['record', 'record', 'record', 'cooldown', 'finish', 'start', 'whole'] as const

interface Save {
  readonly kind: (typeof kinds)[number]
  readonly id: number
  readonly count: number
}

/** Saves that are asked for at once. */
interface Batch {
  readonly saves: readonly Save[]
  readonly fault: Fault | null
}

const batch: fc.Arbitrary<Batch> = fc.record({
  saves: fc.array(fc.record({ kind: fc.constantFrom(...kinds), id: fc.nat(3), count: fc.nat() }), {
    minLength: 1,
    maxLength: 4,
  }),
  fault: fc.option(
    fc.record({
      n: fc.integer({ min: 1, max: 20 }),
      cut: fc.constantFrom(0, 0.01, 0.5, 0.99, 1),
      stays: fc.boolean(),
    }),
    { freq: 4 },
  ),
})

/** A backup that knows the start comes earlier, and with it the changes, where the state knows it from the beginning. */
const initial: fc.Arbitrary<RunState> = fc.constantFrom(sampleState.start, null).map(start => ({
  ...sampleState,
  start,
  cooldowns: {},
  workPackages: { [wp('WP01')]: fullRecord },
}))

it(`a crash at any call, or in the middle of a write, loses no save that was done: ${runs} runs`, {
  timeout: 60_000 + runs * 1_000,
}, async () => {
  const seen = { crashes: 0, appended: 0, whole: 0, failed: 0 }
  const holds = fc.asyncProperty(initial, fc.array(batch, { minLength: 1, maxLength: 12 }), async (state, batches) => {
    const parent = mkdtempSync(join(tmpdir(), 'sko crash-'))
    try {
      const { wrong, ...counts } = await crashEverywhere(parent, state, batches)
      seen.crashes += counts.crashes
      seen.appended += counts.appended
      seen.whole += counts.whole
      seen.failed += counts.failed
      expect(wrong).toEqual([])
    } finally {
      disk.before = () => undefined
      disk.fault = null
      rmSync(parent, { recursive: true })
    }
  })
  await fc.assert(holds, { numRuns: runs })
  console.log(JSON.stringify(seen))
  expect(seen.appended).toBeGreaterThan(runs)
  expect(seen.whole).toBeGreaterThan(runs)
  expect(seen.failed).toBeGreaterThan(runs)
})

/** Saves for a while, then starts a new process from what each crash on the way would have left. */
async function crashEverywhere(parent: string, state: RunState, batches: readonly Batch[]) {
  const live = join(parent, 'live', '.kittify')
  const found = join(parent, 'found', '.kittify')
  for (const folder of [live, found]) mkdirSync(folder, { recursive: true })
  const store = createStore(live, state, () => 0)
  const counts = { crashes: 0, appended: 0, whole: 0, failed: 0 }
  /** What was on disk, what was about to happen, and the last save that was done by then. */
  let crashes: { readonly image: Image; readonly at: string; readonly done: number }[] = []
  let done = -1
  disk.before = (call, name, data) => {
    const image = imageOf(live)
    if (call === 'write') counts[name.endsWith('.tmp') ? 'whole' : 'appended'] += 1
    const lengths = new Set([0, 1, data.length >> 1, data.length - 2, data.length - 1, data.length])
    for (const length of data.length > 0 ? lengths : [0]) {
      const bytes = Buffer.concat([image[name] ?? Buffer.alloc(0), data.subarray(0, length)])
      const at = `${call} ${name} ${length} of ${data.length}`
      crashes.push({ image: data.length > 0 ? { ...image, [name]: bytes } : image, at, done })
    }
  }

  const states: RunState[] = []
  const wrong: string[] = []
  for (const { saves, fault } of batches) {
    disk.fault = fault
    const asked = saves.map(save => {
      const saved = actOf(store, save)
      const nth = states.push(store.state()) - 1
      return saved.then(
        () => (done = nth),
        () => (counts.failed += 1),
      )
    })
    await Promise.all(asked)
    disk.fault = null
    crashes.push({ image: imageOf(live), at: 'after all', done })
    for (const { image, at, done } of crashes) {
      const read = await stateIn(image, found)
      const isOneOf = states.slice(Math.max(0, done)).some(state => isDeepStrictEqual(read, state))
      if (!isOneOf && !(done < 0 && read === 'none'))
        wrong.push(`save ${done + 1} at ${at}: ${JSON.stringify(read).slice(0, 300)}`)
    }
    counts.crashes += crashes.length
    crashes = []
  }
  return { wrong, ...counts }
}

function actOf(store: RunStore, { kind, id, count }: Save): Promise<void> {
  const until = new Date(count).toISOString()
  switch (kind) {
    case 'record':
      return store.saveWorkPackage({ ...newRecord(wp(`WP0${id}`)), cycle: count, hostRefusals: ['Grüße 🎉'] })
    case 'cooldown':
      return store.saveCooldown(
        agent('codex'),
        id === 0 ? null : { until, class: 'usage-limit', reason: '', count, waitedMs: 0 },
      )
    case 'finish':
      return store.saveFinish({ ...sampleState.finish, mergeStarted: id === 0 })
    case 'start':
      return store.saveStart({ commits: [until], given: {} })
    case 'whole':
      return store.replaceState({ ...store.state(), exitCode: count })
  }
}

type Image = Readonly<Record<string, Buffer>>

function imageOf(folder: string): Image {
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]))
}

async function stateIn(image: Image, folder: string): Promise<RunState | string> {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
  for (const [name, bytes] of Object.entries(image)) writeFileSync(join(folder, name), bytes)
  const loaded = await loadRunState(folder)
  return loaded.kind === 'loaded' ? loaded.state : loaded.kind === 'none' ? 'none' : loaded.reason
}
