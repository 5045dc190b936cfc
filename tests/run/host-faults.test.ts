import { describe, expect, it } from 'vitest'
import type { HostClient } from '../../src/run/host/host-client.ts'
import { type HostFaultCode, hostFailure, hostFaultCodes } from '../../src/run/host/host-outcome.ts'
import type { Fault } from './fakes/memory-host.ts'
import { approves, type Behaviour, fails, implements_, rejects } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from './fakes.ts'

/** Which call of a command in this mission is which change. */
const changes = [
  ['claim', 'startImplementation', 1],
  ['submission', 'transition', 1],
  ['start of the review', 'startReview', 1],
  ['rejection', 'transition', 2],
  ['approval', 'transition', 4],
] as const

const straight = [
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'in_progress',
  'for_review',
  'in_review',
  'approved',
]
const hopeless: readonly HostFaultCode[] = ['host-missing', 'project-outdated', 'host-outdated', 'branch-protected']
const passing = hostFaultCodes.filter(code => !hopeless.includes(code))

/** One WP that is rejected once. Each time a command is called, `fault` learns the how-manieth of it this is. */
function rejectedOnce(fault: (command: keyof HostClient, call: number, world: () => World) => Fault): World {
  const calls = new Map<keyof HostClient, number>()
  let reviews = 0
  const behave: Behaviour = ({ role }) => {
    if (role === 'implementation') return implements_
    reviews += 1
    return reviews === 1 ? rejects : approves
  }
  const world: World = createWorld({
    wps: [{ wpId: wp('WP01') }],
    behave,
    fault: command => {
      const call = (calls.get(command) ?? 0) + 1
      calls.set(command, call)
      return fault(command, call, () => world)
    },
  })
  return world
}

function expectDoneOnce(world: World): void {
  expect(world.host.events.map(({ to }) => to)).toEqual(straight)
  expect(world.agents.finished).toHaveLength(4)
}

describe.each(changes)('the %s', (_, command, nth) => {
  it.each(passing)('that fails with %s and had no effect is made again', async code => {
    const world = rejectedOnce((called, call) =>
      called === command && call === nth ? hostFailure(code, 'its words') : null,
    )
    await runWorld(world)
    expectDoneOnce(world)
  })

  it('whose reply is lost is read back, and not made again but for what the reply tells', async () => {
    const world = rejectedOnce((called, call) => (called === command && call === nth ? 'lost-reply' : null))
    const undisturbed = rejectedOnce(() => null)
    await runWorld(world)
    await runWorld(undisturbed)
    expectDoneOnce(world)
    const count = (of: World) => of.host.calls.filter(call => call === command).length
    // The reply to the claim names the lane worktree, and asking its owner again moves nothing.
    expect(count(world)).toBe(count(undisturbed) + (command === 'startImplementation' ? 1 : 0))
  })

  it.each(['host-timed-out', 'host-killed'] as const)(
    'whose reply is lost, while the lane cannot be read (%s): not made again blindly',
    async code => {
      let silent = 0
      const world = rejectedOnce((called, call) => {
        if (called === command && call === nth) {
          silent = 2
          return 'lost-reply'
        }
        if (called !== 'missionState' || silent === 0) return null
        silent -= 1
        return hostFailure(code, 'its words')
      })
      await runWorld(world)
      expectDoneOnce(world)
    },
  )

  it('which the host never answers and never tells of is not made a second time, however long it is waited', async () => {
    let broken = false
    const world = rejectedOnce((called, call) => {
      broken ||= called === command && call === nth
      return broken && (called === command || called === 'missionState') ? hostFailure('host-timed-out', 'late') : null
    })
    const before = rejectedOnce(() => null)
    await runWorld(before)
    const ended = await runWorld(world).catch(error => error)
    const made = world.host.calls.filter(called => called === command).length
    expect(made).toBe(nth)
    expect(ended).toMatchObject({ code: 'host-timed-out', exitCode: 3 })
    expect(world.events.findLast(event => event.type === 'wp-waiting')).toMatchObject({
      wpId: 'WP01',
      reason: expect.stringContaining('late'),
    })
  })

  it('that someone else made or overtook meanwhile is theirs: no second one of ours', async () => {
    const world = rejectedOnce((called, call, here) => {
      if (called !== command || call !== nth) return null
      here().host.take(wp('WP01'), 'canceled')
      return hostFailure('TRANSITION_REJECTED', 'it is canceled')
    })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('canceled')
    expect(world.host.calls.filter(called => called === command)).toHaveLength(nth)
    expect(world.events.some(event => event.type === 'wp-taken-away')).toBe(true)
  })
})

describe('the move to blocked', () => {
  const broken = (fault: (call: number) => Fault) => {
    let calls = 0
    return createWorld({
      wps: [{ wpId: wp('WP01') }],
      behave: () => fails('refused'),
      fault: command => {
        if (command !== 'transition') return null
        calls += 1
        return fault(calls)
      },
    })
  }

  it.each<readonly [string, Fault]>([
    ['that had no effect', hostFailure('host-timed-out', 'late')],
    ['whose reply is lost', 'lost-reply'],
  ])('%s happens once', async (_, fault) => {
    const world = broken(call => (call === 1 ? fault : null))
    await runWorld(world)
    expect(world.host.events.map(({ to }) => to)).toEqual(['claimed', 'in_progress', 'blocked'])
  })
})

describe('the marks of a sandboxed agent', () => {
  it.each<readonly [string, Fault]>([
    ['that are not made', hostFailure('host-garbage', 'odd')],
    ['whose reply is lost', 'lost-reply'],
  ])('%s are no failure: the guard of the host says what is open', async (_, fault) => {
    const world = createWorld({
      wps: [{ wpId: wp('WP01'), subtasks: ['T001'] }],
      behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
      fault: command => (command === 'markSubtasks' ? fault : null),
    })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })
})

describe('merge and acceptance', () => {
  const finishing = (fault: (command: keyof HostClient, call: number) => Fault) => {
    const calls = new Map<keyof HostClient, number>()
    return createWorld({
      wps: [{ wpId: wp('WP01') }],
      topology: 'lanes',
      config: configOf({ finish: { merge: 'merge' } }),
      behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
      fault: command => {
        const call = (calls.get(command) ?? 0) + 1
        calls.set(command, call)
        return fault(command, call)
      },
    })
  }

  it.each([
    // The target is looked at, whatever the host says.
    ['mergeMission', 'lost-reply', 1, 1],
    ['mergeMission', hostFailure('host-timed-out', 'late'), 2, 1],
    // No host command tells whether a mission is accepted: the second call is one for the answer to the first.
    ['acceptMission', 'lost-reply', 1, 2],
    ['acceptMission', hostFailure('host-killed', 'gone'), 1, 2],
  ] as const)(
    '%s with %j: this run asks once and finishes or says what to run, then the next one finishes',
    async (what, fault, merges, accepts) => {
      const world = finishing((command, call) => (command === what && call === 1 ? fault : null))
      const first = await runWorld(world)
      const seen = what === 'mergeMission' && fault === 'lost-reply'
      const open = { complete: false, next: [{ command: expect.stringContaining('sko resume') }] }
      expect(first.finish).toMatchObject(seen ? { complete: true } : open)
      const second = await runWorld(world)
      expect(second.finish).toMatchObject({ merged: true, accepted: true, complete: true })
      const count = (command: keyof HostClient) => world.host.calls.filter(call => call === command).length
      expect([count('mergeMission'), count('acceptMission')]).toEqual([merges, accepts])
      expect(world.host.acceptances()).toBe(1)
      expect(world.git.lost).toEqual([])
    },
  )

  it('a merge that was refused because an earlier one, never heard of, was still running is found to have happened', async () => {
    const overtaken = hostFailure('PREFLIGHT_FAILED', "Refusing to advance branch 'work'")
    const world = finishing((command, call) => {
      if (command !== 'mergeMission') return null
      return call === 1 ? hostFailure('host-timed-out', 'late') : call === 2 ? overtaken : null
    })
    await runWorld(world)
    const second = await runWorld(world)
    expect(second.finish).toMatchObject({ merged: false, next: [{ command: expect.stringContaining('sko resume') }] })
    expect(world.events.findLast(event => event.type === 'not-merged')).toMatchObject({
      target: 'unknown',
      next: [{ command: 'sko resume', why: 'finds out whether it was merged' }],
    })
    expect((await runWorld(world)).finish).toMatchObject({ merged: true, accepted: true, complete: true })
  })
})
