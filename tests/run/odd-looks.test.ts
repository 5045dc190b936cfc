import { describe, expect, it } from 'vitest'
import type { MissionState } from '../../src/host/client.ts'
import { type HostOutcome, hostFailure } from '../../src/host/outcome.ts'
import type { EventBody } from '../../src/report/event.ts'
import { approves, type Behaviour, implements_ } from './fakes/scripted-agents.ts'
import { createWorld, runWorld, type World, type WorldOptions, wp } from './fakes.ts'

const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const eventsOf = (world: World, type: EventBody['type']) => world.events.filter(event => event.type === type)
const starts = (world: World) =>
  world.events.flatMap(event => (event.type === 'attempt-started' ? [`${event.wpId} ${event.role}`] : []))

const pair = [{ wpId: wp('WP01') }, { wpId: wp('WP02'), dependencies: [wp('WP01')] }]

type Look = (state: MissionState) => HostOutcome<MissionState>

const ok = (data: MissionState): HostOutcome<MissionState> => ({ ok: true, data })
const wpsOf = (change: (wp: MissionState['work_packages'][number]) => MissionState['work_packages']): Look => {
  return state => ok({ ...state, work_packages: state.work_packages.flatMap(change) })
}

/** What a look answers while somebody saves, checks out or upgrades. Measured forms where the host has been seen to do it. */
const odd: Readonly<Record<string, Look>> = {
  'a WP file half saved': () => hostFailure('host-defect', 'FrontmatterError: Malformed frontmatter (no closing ---)'),
  'the host away': () => hostFailure('host-missing', 'spec-kitty is not there'),
  'no answer in time': () => hostFailure('host-timed-out', 'no answer in time'),
  'no mission': () => hostFailure('MISSION_NOT_FOUND', 'Mission not found in kitty-specs/'),
  'an unknown dependency': wpsOf(wp => [{ ...wp, dependencies: wp.wp_id === 'WP02' ? ['WP01', 'WP07'] : [] }]),
  'a dependency that is no id': wpsOf(wp => [{ ...wp, dependencies: wp.wp_id === 'WP02' ? ['WP-1'] : [] }]),
  'a circle': wpsOf(wp => [{ ...wp, dependencies: [wp.wp_id === 'WP01' ? 'WP02' : 'WP01'] }]),
  'an id that is none': wpsOf(wp => [{ ...wp, wp_id: `${wp.wp_id}-x`, dependencies: [] }]),
  'dependencies gone': wpsOf(wp => [{ ...wp, dependencies: [] }]),
  'a WP gone': state => {
    const left = state.work_packages.filter(({ wp_id }) => wp_id !== 'WP02')
    return ok({ ...state, work_packages: left, summary: { planned: left.length } })
  },
  'a WP more': state => {
    const more = { wp_id: 'WP09', lane: 'planned', dependencies: [] }
    return ok({ ...state, work_packages: [...state.work_packages, more], summary: { planned: 3 } })
  },
  'no WP at all': state => ok({ ...state, work_packages: [], summary: {} }),
  'every WP planned': state => {
    const planned = state.work_packages.map(wp => ({ ...wp, lane: 'planned' }))
    return ok({ ...state, work_packages: planned, summary: {} })
  },
  'another mission': state => ok({ ...state, mission_slug: '002-other-01ABCDEF' }),
}

/** A host whose looks are odd from `from` on, milliseconds after the first one, for `forMs`. */
function oddWorld(look: Look, from: number, forMs: number, more: Partial<WorldOptions> = {}): World {
  let began: number | null = null
  return createWorld({
    wps: pair,
    behave: straight,
    look: (truth, world) => {
      began ??= world.time.clock.now()
      const at = world.time.clock.now() - began
      return at >= from && at < from + forMs ? look(truth) : ok(truth)
    },
    ...more,
  })
}

describe.each(Object.entries(odd))('%s', (_, look) => {
  it.each([5_000, 30_000, 62_000, 95_000])(
    'for 34 s from %i ms on: nothing is done twice or left out, and all ends as without it',
    async from => {
      const world = oddWorld(look, from, 34_000)
      const { standings, finish } = await runWorld(world)
      expect(standings.map(({ node, reason }) => [node.wpId, node.lane, reason])).toEqual([
        ['WP01', 'done', null],
        ['WP02', 'done', null],
      ])
      expect(finish?.complete).toBe(true)
      expect(starts(world)).toEqual(['WP01 implementation', 'WP01 review', 'WP02 implementation', 'WP02 review'])
      expect(eventsOf(world, 'needs-person')).toEqual([])
      const told = eventsOf(world, 'mission-unclear').length
      expect(eventsOf(world, 'mission-clear')).toHaveLength(told)
      expect(told).toBeLessThanOrEqual(1)
    },
  )
})

const lasting = Object.entries(odd).filter(([name]) => !/gone|a WP more/.test(name))

describe.each(lasting)('%s for good', (_, look) => {
  it('ends the run after ten minutes with nothing else to do: what runs is finished first', async () => {
    const world = oddWorld(look, 10_000, Number.POSITIVE_INFINITY, {
      behave: request => ({ ...straight(request, 0), ms: 1_800_000 }),
    })
    const error = await runWorld(world).catch(thrown => thrown)
    expect(error).toMatchObject({ message: expect.any(String), hint: expect.stringContaining('sko resume') })
    expect([1, 3]).toContain(error.exitCode)
    expect(world.agents.finished.every(({ interrupted }) => !interrupted)).toBe(true)
    expect(world.host.lane(wp('WP01'))).not.toBe('in_progress')
    expect(world.host.lane(wp('WP02'))).toBe('planned')
  })
})

describe('a mission that is changed for good', () => {
  it('is believed once it has stayed the same: a WP that is gone is not waited for', async () => {
    const world = oddWorld(odd['a WP gone'] ?? ok, 10_000, Number.POSITIVE_INFINITY)
    const { standings } = await runWorld(world)
    expect(standings.map(({ node }) => node.wpId)).toEqual(['WP01'])
    expect(eventsOf(world, 'mission-changed')).toEqual([
      { type: 'mission-changed', added: [], removed: ['WP02'], changed: [] },
    ])
  })
})
