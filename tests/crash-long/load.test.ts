import { getEventListeners } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { formatState } from '../../src/state/saving/state-text.ts'
import { useRig } from '../process/run-fixture.ts'
import { approves, implements_ } from '../run/fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, wp } from '../run/fakes.ts'

/** What Node says of an emitter with more than ten listeners of one kind. */
function warnings(): readonly string[] {
  const seen: string[] = []
  const listen = (warning: Error) => seen.push(warning.name)
  process.on('warning', listen)
  onTestFinished(() => {
    process.off('warning', listen)
  })
  return seen
}

describe('what is held while agents come and go', () => {
  const rig = useRig()

  it('is the same after 8 times 100 of them: descriptors, timers, listeners', async () => {
    const { folder, stop, token, run } = rig()
    const warned = warnings()
    const held = () => ({
      descriptors: readdirSync('/proc/self/fd').length,
      resources: process.getActiveResourcesInfo().toSorted(),
      abort: getEventListeners(stop.signal, 'abort').length,
      process: process.eventNames().map(name => [String(name), process.listenerCount(name)]),
    })
    const spawnOne = (n: number) => {
      const prefix = join(folder, String(n))
      return run('/bin/true', [], {
        stdoutFile: `${prefix}.out.log`,
        stderrFile: `${prefix}.err.log`,
        statusFile: `${prefix}.status`,
        marker: { name: 'SKO_TEST', value: `${token}-${n}` },
      })
    }
    const eight = (round: number) => Promise.all(Array.from({ length: 8 }, (_, slot) => spawnOne(round * 8 + slot)))
    await eight(0)
    const before = held()
    for (let round = 1; round <= 100; round += 1) await eight(round)
    // Their handles are closed in the next turns.
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(held()).toEqual(before)
    expect(rig().spawned).toHaveLength(808)
    expect(warned).toEqual([])
  }, 1_800_000)
})

describe('a mission of many work packages', () => {
  it('costs as much for each of 1,000 as for each of 250: host calls, events, bytes of state, listeners', async () => {
    const warned = warnings()
    const [small, large] = [await measure(250), await measure(1_000)]
    console.log(JSON.stringify({ small, large }))
    expect(large).toMatchObject({ notDone: 0, mutating: 4, stateBytes: expect.closeTo(small.stateBytes, -3) })
    expect(large.events - small.events).toBeLessThan(1)
    expect(large.reads - small.reads).toBeLessThan(1)
    expect(large.listeners).toBeLessThanOrEqual(small.listeners + 1)
    expect(warned).toEqual([])
  }, 600_000)
})

const reading: readonly string[] = ['contractVersion', 'missionState', 'listReady', 'resolveWorkspace']

/** Of one work package, the listeners apart: those are of the signal that all wait for, at most. */
async function measure(count: number) {
  const wps = Array.from({ length: count }, (_, index) => {
    return {
      wpId: wp(`WP${String(index + 1).padStart(4, '0')}`),
      laneId: `lane-${String.fromCharCode(97 + (index % 26))}`,
    }
  })
  let listeners = 0
  const world = createWorld({
    wps,
    behave: ({ role }) => ({ ...(role === 'implementation' ? implements_ : approves), ms: 0 }),
    config: configOf({ max_concurrent_wps: 8 }),
    topology: 'lanes',
    onReport: () => {
      listeners = Math.max(listeners, getEventListeners(process.run.stopping, 'abort').length)
    },
  })
  const process = world.begin()
  await runWorld(world, process)
  const calls: readonly string[] = world.host.calls.filter(call => call !== 'acceptMission')
  const reads = calls.filter(call => reading.includes(call)).length
  return {
    notDone: Object.values(world.host.lanes()).filter(lane => lane !== 'approved').length,
    mutating: (calls.length - reads) / count,
    reads: reads / count,
    events: world.events.length / count,
    stateBytes: formatState(world.store.state()).text.length / count,
    listeners,
  }
}
