import { describe, expect, it } from 'vitest'
import { approves, type Behaviour, fails, implements_ } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from './fakes.ts'

const full = 'the file system of /repo/.worktrees/x is full (0 bytes are free)'
const worktreeOf = (world: World, id = 'WP01') => world.git.at(world.host.worktreePath(wp(id)))
const askedFor = ({ events }: World) => events.flatMap(event => (event.type === 'needs-person' ? [event] : []))

/** The first agent of the role on WP01 fails and leaves no room; `roomAfterMs`: when there is room again. */
function fullWorld(role: 'implementation' | 'review', roomAfterMs = Number.POSITIVE_INFINITY): World {
  let filled = false
  const behave: Behaviour = request => {
    const works = request.role === 'implementation' ? implements_ : approves
    if (filled || request.wpId !== 'WP01' || request.role !== role) return works
    filled = true
    worktreeOf(world).full = full
    if (roomAfterMs < Number.POSITIVE_INFINITY) {
      void world.time.delay(roomAfterMs).then(() => {
        worktreeOf(world).full = null
      })
    }
    return fails('agent-error')
  }
  const world: World = createWorld({
    wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
    config: configOf({ host: { patience_seconds: 60 } }),
    behave,
  })
  return world
}

describe.each(['implementation', 'review'] as const)('a full disk below the lane worktree, in the %s', role => {
  it('is the reason that is named, after one paid attempt; the other work packages continue', async () => {
    const world = fullWorld(role)
    await runWorld(world)

    const failed = world.store.record(wp('WP01')).attempts.filter(({ result }) => result?.kind === 'failed')
    expect(failed).toMatchObject([{ role, result: { failure: { detail: expect.stringContaining(full) } } }])
    expect(askedFor(world)).toMatchObject([{ wpId: 'WP01', reason: full, next: [{ command: 'sko resume' }] }])
    expect(world.host.lane(wp('WP02'))).toBe('approved')
  })

  it('that has room again in time costs nothing more', async () => {
    const world = fullWorld(role, 90_000)
    await runWorld(world)

    expect(askedFor(world)).toEqual([])
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.agents.finished.filter(({ request }) => request.wpId === 'WP01')).toHaveLength(3)
  })
})

it('a check that fails on a full disk says nothing against the work', async () => {
  let runs = 0
  const world: World = createWorld({
    wps: [{ wpId: wp('WP01') }],
    config: configOf({ checks: ['npm test'], host: { patience_seconds: 60 } }),
    behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
    check: () => {
      runs += 1
      worktreeOf(world).full = runs === 1 ? full : null
      return runs === 1 ? 1 : 0
    },
  })
  await runWorld(world)

  expect(world.host.lane(wp('WP01'))).toBe('approved')
  expect(world.agents.finished).toHaveLength(2)
  expect(world.events.find(({ type }) => type === 'wp-waiting')).toMatchObject({
    reason: `${full}, and checks failed`,
  })
})
