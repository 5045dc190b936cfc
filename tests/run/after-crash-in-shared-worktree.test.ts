import { describe, expect, it } from 'vitest'
import { newRecord, type WpRecord } from '../../src/core/work-package/work-package.ts'
import { hostFailure } from '../../src/run/host/host-outcome.ts'
import { attempt, work } from '../core/samples.ts'
import type { PlannedWp } from './fakes/memory-host.ts'
import { approves, type Behaviour, implements_ } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, type WorldOptions, wp } from './fakes.ts'

const [wp01, wp02] = [wp('WP01'), wp('WP02')]
const behave: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const owner = configOf().actor

const startedAt = '2026-01-01T00:00:00.000Z'
/** The machine was restarted while its agent ran. */
const cutOff = { startedAt, endedAt: startedAt, result: { kind: 'interrupted' }, headCommit: null } as const
const laneBranch = 'kitty/lane-a'
const implementing: WpRecord = { ...newRecord(wp02), laneBranch, attempts: [attempt(1, cutOff)] }
const reviewing: WpRecord = {
  ...newRecord(wp02),
  laneBranch,
  work: { ...work, baseCommit: 'c1', headCommit: 'c2' },
  attempts: [
    attempt(1, { baseCommit: 'c1', headCommit: 'c2' }),
    attempt(2, { ...cutOff, role: 'review', baseCommit: 'c2', headCommit: null }),
  ],
}

/**
 * WP01 and WP02 share a lane worktree. The host has moved WP01, and the run died before it had saved that. The agent of
 * WP02 was at work there and left something uncommitted.
 */
function crashed(
  first: PlannedWp['lane'],
  second: PlannedWp['lane'],
  record: WpRecord,
  more: Partial<WorldOptions> = {},
): World {
  const wps = [
    { wpId: wp01, laneId: 'lane-a', owner, ...(first ? { lane: first } : {}) },
    { wpId: wp02, laneId: 'lane-a', owner, ...(second ? { lane: second } : {}) },
  ]
  const world = createWorld({ wps, behave, records: { [wp02]: record }, ...more })
  world.git.at(world.host.worktreePath(wp02)).dirtyBy = `WP02 ${record.attempts.at(-1)?.role}`
  return world
}

const personsFor = (world: World) => world.events.filter(({ type }) => type === 'needs-person')
const finished = { WP01: 'approved', WP02: 'approved' }

describe('after a crash, what one WP left uncommitted in a shared worktree', () => {
  it.each([
    ['a claim that was not saved', 'in_progress', 'in_progress', implementing],
    ['half a claim', 'claimed', 'in_progress', implementing],
    ['a claim that was not saved, beside a review', 'in_progress', 'in_review', reviewing],
  ] as const)('does not keep out another one: %s', async (_, first, second, record) => {
    const world = crashed(first, second, record)
    await runWorld(world)
    expect(world.host.lanes()).toEqual(finished)
    expect(personsFor(world)).toEqual([])
    expect(world.git.lost).toEqual([])
  })

  it('is that of the WP whose attempt it was', async () => {
    const world = crashed('in_progress', 'in_progress', implementing)
    await runWorld(world)
    const messages = world.events.flatMap(event => (event.type === 'work-committed' ? [event.message] : []))
    expect(messages).toEqual(['WP02: attempt 1 by ada (interrupted)'])
  })

  it('waits for its WP while the host does not say where that one belongs', async () => {
    const minutes = 5 * 60_000
    const world: World = crashed('in_progress', 'in_progress', implementing, {
      fault: (command, wpId) =>
        command === 'resolveWorkspace' && wpId === wp02 && world.time.passed() < minutes
          ? hostFailure('host-timed-out', 'no answer in time')
          : null,
    })
    await runWorld(world)
    expect(world.host.lanes()).toEqual(finished)
    expect(personsFor(world)).toEqual([])
  })

  it('is named to a person if that WP does not continue', async () => {
    const world = crashed('in_progress', 'done', implementing)
    const { finish } = await runWorld(world)
    const reason = expect.stringContaining('WP02 left uncommitted changes in /repo/.worktrees/')
    expect(personsFor(world)).toEqual([expect.objectContaining({ wpId: wp01, reason })])
    expect(finish).toMatchObject({ complete: false, next: [{}, { command: 'sko resume' }] })
  })
})
