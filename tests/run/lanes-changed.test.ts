import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { realPlace } from '../../src/files/real-place.ts'
import { createWorktreesInUse } from '../../src/run/mission/worktrees-in-use.ts'
import { approves, type Behaviour, implements_, rejects } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, type WorldOptions, wp } from './fakes.ts'

const minutes: Readonly<Record<string, number>> = { WP01: 20, WP02: 2, WP03: 5 }
const slow: Behaviour = ({ role, wpId }) =>
  role === 'implementation' ? { ...implements_, ms: (minutes[wpId] ?? 1) * 60_000 } : approves

/** WP01 in lane a, WP02 and WP03 in lane b, unless the lanes are recomputed. */
function threeInTwoLanes(more: Partial<WorldOptions> = {}) {
  const both: string[] = []
  const world: World = createWorld({
    wps: [
      { wpId: wp('WP01'), laneId: 'lane-a' },
      { wpId: wp('WP02'), laneId: 'lane-b' },
      { wpId: wp('WP03'), laneId: 'lane-b' },
    ],
    behave: slow,
    ...more,
  })
  world.agents.onStart = starting => {
    for (const other of world.agents.live) {
      if (other.worktree === starting.worktree) both.push(`${other.wpId} and ${starting.wpId}`)
    }
  }
  return { world, both }
}

const starts = (world: World) =>
  world.events.flatMap(event =>
    event.type === 'attempt-started' && event.role === 'implementation' ? [event.wpId] : [],
  )

describe('lanes that are recomputed in the middle of a run', () => {
  it('never put a second agent into a worktree in use: the one that would be the second waits', async () => {
    const { world, both } = threeInTwoLanes()
    world.time.delay(90_000).then(() => world.host.relane(wp('WP03'), 'lane-a'))
    await runWorld(world)
    expect(both).toEqual([])
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved', WP03: 'approved' })
    expect(starts(world)).toEqual(['WP01', 'WP02', 'WP03'])
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'wp-waiting', wpId: 'WP03', reason: expect.stringContaining('WP01 works in') }),
    )
    // It was not claimed before, and so nothing was merged under the other one's agent.
    expect(world.host.calls.filter(call => call === 'startImplementation')).toHaveLength(3)
  })

  it('nor where that happens during the claim: the answer is compared as well', async () => {
    let claims = 0
    const { world, both } = threeInTwoLanes({
      fault: command => {
        claims += command === 'startImplementation' ? 1 : 0
        if (claims === 3) world.host.relane(wp('WP03'), 'lane-a')
        return null
      },
    })
    await runWorld(world)
    expect(both).toEqual([])
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved', WP03: 'approved' })
  })

  it('nor for one that is in progress already, after a resume', async () => {
    const wps = [
      { wpId: wp('WP01'), laneId: 'lane-a' },
      { wpId: wp('WP02'), laneId: 'lane-b', lane: 'in_progress' as const, owner: 'spec-kitty-orchestrator' },
      { wpId: wp('WP03'), laneId: 'lane-b' },
    ]
    const { world, both } = threeInTwoLanes({ wps })
    let resolves = 0
    const { world: again, both: bothAgain } = threeInTwoLanes({
      wps,
      fault: command => {
        resolves += command === 'resolveWorkspace' ? 1 : 0
        if (resolves === 2) again.host.relane(wp('WP02'), 'lane-a')
        return null
      },
    })
    await runWorld(world)
    await runWorld(again)
    expect([both, bothAgain]).toEqual([[], []])
    for (const each of [world, again])
      expect(Object.values(each.host.lanes())).toEqual(['approved', 'approved', 'approved'])
  })

  it('are asked for again once the mission has changed', async () => {
    let isChanged = false
    const { world, both } = threeInTwoLanes({
      look: truth => {
        const work_packages = truth.work_packages.map(wp => ({
          ...wp,
          dependencies: isChanged && wp.wp_id === 'WP03' ? ['WP02'] : wp.dependencies,
        }))
        return { ok: true, data: { ...truth, work_packages } }
      },
    })
    world.time.delay(60_000).then(() => {
      isChanged = true
      world.host.relane(wp('WP03'), 'lane-c')
    })
    await runWorld(world)
    expect(both).toEqual([])
    expect(world.agents.finished.find(({ request }) => request.wpId === 'WP03')?.request.worktree).toMatch(/lane-c$/)
  })
})

/** A WP with the scope `codebase-wide` may share a lane with any: nothing tells it before a claim is answered. */
describe('WPs that share a lane, and that no dependency connects', () => {
  const wide = (lanes: readonly string[]) => lanes.map((laneId, n) => ({ wpId: wp(`WP0${n + 1}`), laneId }))
  const asked = (world: World) => world.host.calls.filter(call => call === 'resolveWorkspace').length

  it('work one after the other; once that is seen, each is asked for before its claim', async () => {
    const wps = wide(['lane-a', 'lane-a', 'lane-b', 'lane-a', 'lane-c'])
    const { world, both } = threeInTwoLanes({ wps, config: configOf({ max_concurrent_wps: 2 }) })
    await runWorld(world)
    expect(both).toEqual([])
    expect(Object.values(world.host.lanes())).toEqual(wps.map(() => 'approved'))
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'wp-waiting', wpId: 'WP02', reason: expect.stringContaining('WP01 works in') }),
    )
    expect(asked(world)).toBeGreaterThanOrEqual(3)
  })

  it.each(['host', 'WP01 implementation'])('leave what is uncommitted there alone, by whomever: %s', async dirtyBy => {
    const { world, both } = threeInTwoLanes({
      wps: wide(['lane-a', 'lane-b', 'lane-a']),
      config: configOf({ max_concurrent_wps: 2 }),
      fault: (command, wpId) => {
        if (command !== 'startImplementation' || wpId !== 'WP03') return null
        const worktree = world.git.at(world.host.worktreePath(wp('WP01')))
        if (world.agents.live.size > 0) worktree.dirtyBy = dirtyBy
        return null
      },
    })
    await runWorld(world)
    expect(both).toEqual([])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved', 'approved'])
    const put = world.events.filter(({ type }) => type === 'half-made-removed')
    expect(put).toEqual([])
    const kept = world.events.filter(event => event.type === 'work-committed' && event.wpId === 'WP03')
    expect(kept).toEqual([])
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'wp-waiting', wpId: 'WP03', reason: expect.stringContaining('WP01 works in') }),
    )
  })

  it('leave a worktree alone that the host may be making for another one', async () => {
    let claims = 0
    const { world, both } = threeInTwoLanes({
      wps: wide(['lane-a', 'lane-a']),
      fault: command => {
        claims += command === 'startImplementation' ? 1 : 0
        if (command !== 'startImplementation' || claims > 1) return null
        // The other claim is under way, and has only begun to make the worktree.
        const path = world.host.worktreePath(wp('WP01'))
        world.git.allocate(path, 'kitty/lane-a').dirtyBy = 'host'
        world.time.delay(8_000).then(() => {
          world.git.at(path).dirtyBy = null
        })
        return null
      },
    })
    await runWorld(world)
    expect(both).toEqual([])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
    expect(world.events.filter(({ type }) => type === 'half-made-removed')).toEqual([])
  })
})

it('a WP whose lane was changed between two runs is not started over without its work: a person merges that', async () => {
  const world: World = createWorld({
    wps: [{ wpId: wp('WP01') }],
    behave: ({ role }) => (role === 'implementation' ? implements_ : { ...rejects, ms: 60_000 }),
  })
  const process = world.begin()
  const stopped = world.time.delay(80_000).then(() => process.stop())
  await world.time.drive(Promise.all([process.whole(), stopped]))
  expect(world.host.lane(wp('WP01'))).toBe('in_review')
  const before = world.agents.finished.length
  world.host.relane(wp('WP01'), 'lane-z')
  world.git.allocate(world.host.worktreePath(wp('WP01')), 'kitty/lane-z')
  const { wpResults } = await runWorld(world)
  expect(world.agents.finished).toHaveLength(before)
  expect(wpResults[0]?.reason).toMatch(
    /^its lane was changed from kitty\/lane-0 to kitty\/lane-z, .*: git -C '\S+-lane-z' merge kitty\/lane-0$/,
  )
})

describe('worktrees in use', () => {
  it('are known by their real path, before and after they exist', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sko-lanes-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'large-disk'))
    symlinkSync(join(folder, 'large-disk'), join(folder, '.worktrees'))
    const inUse = createWorktreesInUse(realPlace)
    expect(inUse.take(wp('WP01'), join(folder, '.worktrees', 'lane-a'))).toBeNull()
    mkdirSync(join(folder, 'large-disk', 'lane-a'))
    symlinkSync('lane-a', join(folder, 'large-disk', 'lane-b'))
    expect(inUse.take(wp('WP02'), join(folder, '.worktrees', 'lane-b'))).toBe('WP01')
    expect(inUse.holderOf(join(folder, 'large-disk', 'lane-a'), wp('WP02'))).toBe('WP01')
    expect(inUse.take(wp('WP01'), join(folder, 'large-disk', 'lane-a'))).toBeNull()
    inUse.release(wp('WP01'))
    expect(inUse.take(wp('WP02'), join(folder, '.worktrees', 'lane-b'))).toBeNull()
  })
})
