import { describe, expect, it } from 'vitest'
import type { KnownLane } from '../../../src/core/mission/lane.ts'
import type { MissionState } from '../../../src/run/host/answers.ts'
import { ok } from '../fakes/odd-looks.ts'
import { approves, type Behaviour, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from '../fakes.ts'

const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const config = configOf({ finish: { merge: 'merge', accept: true } })
const wps = [{ wpId: wp('WP01'), lane: 'done' as const }, { wpId: wp('WP02') }]

/** The host answers that a WP is in this lane, sound in all else. */
function withLane(truth: MissionState, wpId: string, lane: KnownLane): MissionState {
  const work_packages = truth.work_packages.map(other => (other.wp_id === wpId ? { ...other, lane } : other))
  const summary: Record<string, number> = {}
  for (const other of work_packages) summary[other.lane] = (summary[other.lane] ?? 0) + 1
  return { ...truth, work_packages, summary }
}

describe('a WP that was done before sko started', () => {
  it.each(['planned', 'in_progress', 'for_review', 'blocked', 'canceled'] as const)(
    'is still taken as given after one look that names it %s',
    async lane => {
      let looks = 0
      const world: World = createWorld({
        wps,
        behave: straight,
        config,
        look: truth => {
          looks += 1
          return ok(looks === 3 ? withLane(truth, 'WP01', lane) : truth)
        },
      })
      const { wpResults, finish } = await runWorld(world)
      expect(looks).toBeGreaterThan(3)
      expect(wpResults.map(({ node, unvouched }) => [node.lane, unvouched])).toEqual([
        ['done', false],
        ['approved', false],
      ])
      expect(world.events.filter(({ type }) => type === 'approved-by-others')).toEqual([])
      expect(finish).toMatchObject({ merged: true, accepted: true, complete: true })
    },
  )
})

describe('a WP that was done before sko began and then left its lane for good', () => {
  const slowly: Behaviour = request => ({ ...straight(request, 0), ms: 120_000 })

  it('is not taken as given when someone approves it afterwards', async () => {
    const world: World = createWorld({ wps, behave: slowly, config })
    world.time.delay(20_000).then(() => world.host.put(wp('WP01'), 'blocked'))
    world.time.delay(180_000).then(() => world.host.put(wp('WP01'), 'approved'))
    const { wpResults, finish } = await runWorld(world)
    expect(wpResults.map(({ unvouched }) => unvouched)).toEqual([true, false])
    expect(finish).toMatchObject({ merged: false, accepted: false, complete: false })
  })

  it('is not taken as given once an attempt of ours was made on it, however short', async () => {
    const world: World = createWorld({
      wps,
      behave: request => ({ ...straight(request, 0), ms: 1_000 }),
      config,
      onHostEvent: ({ wpId, to }, here) => {
        if (wpId === 'WP01' && to === 'for_review') here.host.put(wpId, 'approved')
      },
    })
    world.time.delay(3_000).then(() => world.host.put(wp('WP01'), 'planned'))
    const { wpResults, finish } = await runWorld(world)
    expect(wpResults.map(({ unvouched }) => unvouched)).toEqual([true, false])
    expect(finish).toMatchObject({ merged: false, accepted: false, complete: false })
  })
})
