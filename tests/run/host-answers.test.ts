import { describe, expect, it } from 'vitest'
import type { KnownLane } from '../../src/core/mission/lane.ts'
import { OrchestratorError } from '../../src/errors.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { confirm } from '../../src/run/finish/confirm.ts'
import type { HostClient } from '../../src/run/host/host-client.ts'
import { type HostErrorCode, hostFailure } from '../../src/run/host/host-outcome.ts'
import { head } from './fakes/memory-git.ts'
import type { Fault } from './fakes/memory-host.ts'
import { approves, type Behaviour, fails, implements_, rejects } from './fakes/scripted-agents.ts'
import { createWorld, runWorld, type World, wp } from './fakes.ts'

const one = [{ wpId: wp('WP01') }]
const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)

/** The fault for the nth call of a command, and for no other. */
function atCall(command: keyof HostClient, n: number, fault: Fault) {
  let calls = 0
  return (called: keyof HostClient): Fault => {
    if (called !== command) return null
    calls += 1
    return calls === n ? fault : null
  }
}

const eventsOf = (world: World, type: EventBody['type']) => world.events.filter(event => event.type === type)
const reasonOf = (world: World) =>
  world.events.flatMap(event => (event.type === 'needs-person' ? [event.reason] : [])).join('; ')

describe('a lost reply', () => {
  it.each([
    ['the claim', 'startImplementation', 1],
    ['the submission', 'transition', 1],
    ['the start of the review', 'startReview', 1],
    ['the approval', 'transition', 2],
  ] as const)('of %s is found out, and nothing happens twice', async (_, command, n) => {
    const world = createWorld({ wps: one, behave: straight, fault: atCall(command, n, 'lost-reply') })
    await runWorld(world)
    const moves = world.host.events.map(({ to }) => to)
    expect(moves).toEqual(['claimed', 'in_progress', 'for_review', 'in_review', 'approved'])
    expect(world.agents.finished.map(({ request }) => request.role)).toEqual(['implementation', 'review'])
  })

  it.each([
    ['startImplementation', 1],
    ['transition', 1],
    ['startReview', 1],
    ['transition', 2],
  ] as const)('is not taken for done when %s (call %i) had no effect: it is asked again', async (command, n) => {
    const lost = hostFailure('host-timed-out', 'no answer in time')
    const world = createWorld({ wps: one, behave: straight, fault: atCall(command, n, lost) })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.host.events).toHaveLength(5)
  })
})

describe('a host that says no', () => {
  it('because another actor has claimed it: not touched, the others continue', async () => {
    const wps = [{ wpId: wp('WP01'), lane: 'claimed' as const, owner: 'somebody' }, { wpId: wp('WP02') }]
    const world = createWorld({ wps, behave: straight })
    const { wpResults, finish } = await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'claimed', WP02: 'approved' })
    expect(wpResults[0]?.reason).toContain("already claimed by 'somebody'")
    expect(finish?.complete).toBe(false)
    expect(world.agents.finished.some(({ request }) => request.wpId === 'WP01')).toBe(false)
  })

  it('because someone else works on it already: no agent of ours in that worktree, not for its neighbours either', async () => {
    const wps = [
      { wpId: wp('WP01'), lane: 'in_progress' as const, owner: 'somebody', laneId: 'lane-a' },
      { wpId: wp('WP02'), laneId: 'lane-a' },
    ]
    const world = createWorld({ wps, behave: straight })
    const { wpResults } = await runWorld(world)
    expect(world.agents.finished).toEqual([])
    expect(wpResults.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('somebody'),
      expect.stringContaining('held by WP01'),
    ])
  })

  it('because of open subtasks: its words reach the next attempt, which may fix it', async () => {
    const wps = [{ wpId: wp('WP01'), subtasks: ['T001'] }]
    const behave: Behaviour = (request, index) => ({ ...straight(request, index), marksSubtasks: index > 0 })
    const world = createWorld({ wps, behave })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    const prompts = world.agents.finished.map(({ prompt }) => prompt.includes('unchecked subtasks T001'))
    expect(prompts).toEqual([false, true, false])
  })

  it('twice because of the same open subtasks: blocked, and the host knows why', async () => {
    const wps = [{ wpId: wp('WP01'), subtasks: ['T001'] }]
    const behave: Behaviour = request => ({ ...straight(request, 0), marksSubtasks: false })
    const world = createWorld({ wps, behave })
    const { wpResults } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('blocked')
    expect(world.agents.finished).toHaveLength(2)
    expect(wpResults[0]?.reason).toContain('twice for the same reason')
    expect(world.host.events.at(-1)?.input.note).toContain('sko retry WP01')
  })

  it('to the move to blocked as well: not touched, and it ends', async () => {
    const fault = (command: keyof HostClient): Fault =>
      command === 'transition' ? hostFailure('TRANSITION_REJECTED', 'not today') : null
    const world = createWorld({ wps: one, behave: straight, fault })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('in_progress')
    expect(reasonOf(world)).toContain('not today')
  })

  it.each([
    ['POLICY_VALIDATION_FAILED', 'startImplementation', 'planned'],
    ['UNKNOWN_CODE', 'startReview', 'for_review'],
    ['TRANSITION_REJECTED', 'startReview', 'for_review'],
  ] as const)('with %s to %s: left where it is, with the reason', async (code, command, lane) => {
    const fault = (called: keyof HostClient): Fault => (called === command ? hostFailure(code, 'its words') : null)
    const world = createWorld({ wps: one, behave: straight, fault })
    const { wpResults } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe(lane)
    expect(wpResults[0]?.reason).toContain('its words')
    expect(world.events.some(event => event.type === 'host-refused')).toBe(true)
  })

  it('with DEPENDENCIES_NOT_SATISFIED, once: it is looked at again, and continues', async () => {
    const fault = atCall('startImplementation', 1, hostFailure('DEPENDENCIES_NOT_SATISFIED', 'WP00 is not done'))
    const world = createWorld({ wps: one, behave: straight, fault })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.events.filter(event => event.type === 'wp-waiting')).toMatchObject([
      { wpId: 'WP01', reason: expect.stringContaining('WP00 is not done') },
    ])
  })

  it('with DEPENDENCIES_NOT_SATISFIED, whatever we see: for ten minutes it is asked again, then a person', async () => {
    const fault = (called: keyof HostClient): Fault =>
      called === 'startImplementation' ? hostFailure('DEPENDENCIES_NOT_SATISFIED', 'its words') : null
    const world = createWorld({ wps: one, behave: straight, fault })
    const { wpResults, finish } = await runWorld(world)
    const claims = world.host.calls.filter(call => call === 'startImplementation')
    expect(claims.length).toBeLessThan(20)
    expect(world.time.passed()).toBeGreaterThan(600_000)
    expect(world.host.lane(wp('WP01'))).toBe('planned')
    expect(wpResults[0]?.reason).toContain('its words')
    expect(finish?.next.map(({ command }) => command)).toEqual(['sko resume'])
  })

  it('because someone took back what it depends on: it waits for that, and the next run continues', async () => {
    const wps = [
      { wpId: wp('WP01'), lane: 'approved' as const },
      { wpId: wp('WP02'), dependencies: [wp('WP01')] },
    ]
    let claims = 0
    const world = createWorld({
      wps,
      behave: straight,
      fault: command => {
        claims += command === 'startImplementation' ? 1 : 0
        if (claims === 1) world.host.take(wp('WP01'), 'in_progress')
        return null
      },
    })
    const { wpResults } = await runWorld(world)
    expect(world.agents.finished).toEqual([])
    expect(wpResults.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("claimed by 'a person'"),
      'it waits for WP01 (in_progress)',
    ])
    world.host.put(wp('WP01'), 'approved')
    // It was a person's at the start, but not all the time since: only a person knows what it is now.
    const again = await runWorld(world)
    expect(again.wpResults).toMatchObject([{ unvouched: true }, { reason: 'it waits for WP01 (approved)' }])
    expect(again.finish?.next[0]?.command).toMatch(/^sko confirm WP01 --commit /)
    const it = { wpId: wp('WP01'), lane: 'approved', worktree: null, record: world.store.record(wp('WP01')) } as const
    const word = { commit: headOf(world, 'WP01'), reason: null }
    expect((await world.time.drive(confirm(it, word, world.begin().run))).answer).toMatchObject({ done: true })
    await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved' })
  })

  describe.each([
    'host-missing',
    'project-outdated',
    'host-outdated',
    'branch-protected',
  ] as const satisfies readonly HostErrorCode[])('with %s, as while spec-kitty is upgraded', code => {
    const broken = (isOver: (world: World) => boolean) => {
      let since: number | null = null
      const world: World = createWorld({
        wps: one,
        behave: straight,
        fault: called => {
          if (called === 'startReview') since ??= world.time.clock.now()
          return since === null || isOver(world) ? null : hostFailure(code, 'its words')
        },
      })
      const elapsedMs = () => world.time.clock.now() - (since ?? 0)
      return { world, elapsedMs }
    }

    it('for some minutes: it is asked again, and continues', async () => {
      let calls = 0
      const { world } = broken(() => {
        calls += 1
        return calls > 12
      })
      await runWorld(world)
      expect(world.host.lane(wp('WP01'))).toBe('approved')
      expect(eventsOf(world, 'mission-unclear')).toHaveLength(1)
      expect(eventsOf(world, 'mission-clear')).toHaveLength(1)
    })

    it('for good: the run ends after ten minutes, with the way out', async () => {
      const { world, elapsedMs } = broken(() => false)
      const error = await runWorld(world).catch(thrown => thrown)
      expect(error).toBeInstanceOf(OrchestratorError)
      expect(error).toMatchObject({ code, exitCode: 3, next: [{ command: 'sko resume' }] })
      expect(elapsedMs()).toBeGreaterThanOrEqual(600_000)
      expect(elapsedMs()).toBeLessThan(900_000)
    })
  })

  it('never answers at all: asked for ten minutes, then a person, and nothing is moved', async () => {
    const fault = (called: keyof HostClient): Fault =>
      called === 'startImplementation' ? hostFailure('host-timed-out', 'no answer in time') : null
    const world = createWorld({ wps: one, behave: straight, fault })
    const { wpResults, finish } = await runWorld(world)
    expect(world.host.calls.filter(call => call === 'startImplementation').length).toBeLessThan(60)
    expect(world.host.lane(wp('WP01'))).toBe('planned')
    expect(reasonOf(world)).toContain('no answer in time')
    expect(wpResults[0]?.reason).toContain('no answer in time')
    expect(finish?.next.map(({ command }) => command)).toEqual(['sko resume'])
    expect(eventsOf(world, 'wp-waiting')).toHaveLength(1)
    expect(eventsOf(world, 'needs-person')).toHaveLength(1)
  })
})

describe('a WP that a person moves', () => {
  const rejecting: Behaviour = request => (request.role === 'review' ? rejects : implements_)
  const refusing: Behaviour = () => fails('refused')
  const isLooked = (event: EventBody) => event.type === 'looked'
  const isEnded = (event: EventBody) => event.type === 'attempt-ended'
  const isVerdict = (event: EventBody) => event.type === 'verdict'
  const isSubmitted = (event: EventBody) => event.type === 'lane-changed' && event.to === 'for_review'
  const isLastEnd = (event: EventBody) => isEnded(event) && 'agent' in event && event.agent === 'bob'

  it.each<readonly [string, (event: EventBody) => boolean, Behaviour, number, readonly KnownLane[]]>([
    ['before our claim', isLooked, straight, 0, ['for_review', 'blocked', 'canceled']],
    ['before we submit', isEnded, straight, 1, ['planned', 'blocked', 'canceled', 'in_review', 'approved']],
    ['before we review', isSubmitted, straight, 1, ['planned', 'in_progress', 'blocked', 'canceled']],
    ['before we approve', isVerdict, straight, 2, ['planned', 'in_progress', 'blocked', 'canceled']],
    ['before we reject', isVerdict, rejecting, 2, ['planned', 'blocked', 'canceled', 'approved', 'done']],
    ['before we block it', isLastEnd, refusing, 2, ['planned', 'for_review', 'canceled', 'done']],
  ])('%s is theirs: no agent, no move of ours any more, and it is said', async (_, moment, behave, agents, lanes) => {
    for (const to of lanes) {
      let moves: number | null = null
      const world = createWorld({
        wps: one,
        behave,
        onReport: event => {
          if (moves !== null || !moment(event)) return
          world.host.take(wp('WP01'), to)
          moves = world.host.events.length
        },
      })
      const { wpResults } = await runWorld(world)
      expect([to, world.host.lane(wp('WP01')), world.host.events.length]).toEqual([to, to, moves])
      expect(world.agents.finished).toHaveLength(agents)
      expect(world.events.filter(event => event.type === 'wp-taken-away')).toMatchObject([{ wpId: 'WP01', to }])
      expect(wpResults[0]?.reason).toMatch(/else moved it|canceled/)
    }
  })

  it.each(['planned', 'blocked', 'canceled', 'for_review', 'approved'] as const)(
    'to %s while an agent is running: that is ended, its work kept, and it is said',
    async to => {
      const world = createWorld({ wps: one, behave: request => ({ ...straight(request, 0), ms: 600_000 }) })
      const moved = world.time.delay(100_000).then(() => world.host.take(wp('WP01'), to))
      const [ended] = await world.time.drive(Promise.all([world.begin().whole(), moved]))
      expect(world.host.lane(wp('WP01'))).toBe(to)
      expect(world.agents.finished).toMatchObject([{ interrupted: true }])
      expect(world.time.clock.now() - Date.UTC(2026, 0, 1)).toBeLessThan(180_000)
      expect(world.events.filter(event => event.type === 'wp-taken-away')).toMatchObject([{ wpId: 'WP01', to }])
      expect(world.git.at(world.host.worktreePath(wp('WP01'))).dirtyBy).toBeNull()
      expect(ended?.wpResults[0]).toMatchObject({ reason: expect.any(String), unvouched: to === 'approved' })
    },
  )
})

describe('a claim that meets a lane worktree', () => {
  const dirtied = (by: string) => {
    const world = createWorld({ wps: one, behave: straight })
    const worktree = world.git.allocate(world.host.worktreePath(wp('WP01')), 'kitty/lane-0')
    worktree.dirtyBy = by
    return { world, worktree }
  }

  it('which a killed claim left half-made: it is removed once, and made again', async () => {
    const { world } = dirtied('host')
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.events.filter(event => event.type === 'half-made-removed')).toHaveLength(1)
  })

  it('which holds what we do not know: it is kept, and a person is asked', async () => {
    const { world, worktree } = dirtied('a person')
    await runWorld(world)
    expect(worktree.dirtyBy).toBe('a person')
    expect(world.host.lane(wp('WP01'))).toBe('blocked')
    expect(reasonOf(world)).toContain('uncommitted changes')
  })
})

function headOf(world: World, id: string): string {
  return head(world.git.at(world.host.worktreePath(wp(id))))
}
