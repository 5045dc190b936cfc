import { describe, expect, it } from 'vitest'
import type { HostClient } from '../../src/run/host/host-client.ts'
import { type HostErrorCode, hostFailure } from '../../src/run/host/host-outcome.ts'
import type { Fault } from './fakes/memory-host.ts'
import { approves, implements_ } from './fakes/scripted-agents.ts'
import { configOf, createWorld, type World, wp } from './fakes.ts'

const patienceSeconds = 60
const hour = 3_600_000

type Failing = Partial<Record<keyof HostClient, readonly (HostErrorCode | null)[]>>

/** What the host answers to the calls of each command, over and over; null: as it is. */
const rows: readonly (readonly [string, Failing])[] = [
  ['every claim', { startImplementation: ['host-timed-out'] }],
  [
    'every claim, each time for another reason',
    { startImplementation: ['host-defect', 'LANE_ALLOCATION_FAILED', 'DEPENDENCIES_NOT_SATISFIED', 'WP_NOT_FOUND'] },
  ],
  [
    'every claim and each second question for a lane',
    { startImplementation: ['host-defect'], resolveWorkspace: ['host-defect', null] },
  ],
  ['every claim and each second look', { startImplementation: ['host-defect'], missionState: [null, 'host-defect'] }],
  ['every start of a review', { startReview: ['host-killed'] }],
  ['every submission and approval', { transition: ['host-garbage'] }],
]

function worldOf(failing: Failing, callSeconds: number): World {
  const calls = new Map<keyof HostClient, number>()
  const fault = (command: keyof HostClient): Fault => {
    const answers = failing[command] ?? [null]
    const nth = calls.get(command) ?? 0
    calls.set(command, nth + 1)
    const code = answers[nth % answers.length]
    return code ? hostFailure(code, 'its words') : null
  }
  return createWorld({
    wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }, { wpId: wp('WP03'), dependencies: [wp('WP01')] }],
    behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
    config: configOf({ host: { patience_seconds: patienceSeconds } }),
    hostMillis: () => callSeconds * 1_000,
    fault,
  })
}

describe.each([1, 20, 120])('a host whose calls take %i s', callSeconds => {
  it.each(rows)('and that refuses %s: a person is asked after the patience, and the run ends', async (_, failing) => {
    const world = worldOf(failing, callSeconds)
    // Each try is a call and a look, made again twice after a pause.
    const trySeconds = 12 + 8 * callSeconds
    const workSeconds = 600
    const failed: unknown = await world.time.drive(world.begin().whole(), 10 * hour).then(
      () => null,
      error => error,
    )

    const asked = world.events.flatMap(event => (event.type === 'needs-person' ? [event.wpId] : []))
    // The mission itself could not be read for so long: that ends the run.
    if (failed) expect(failed).toMatchObject({ code: 'host-defect', next: [{ command: 'sko resume' }] })
    else expect(asked.toSorted()).toEqual(['WP01', 'WP02'])
    expect(world.time.passed() / 1_000).toBeLessThan(patienceSeconds + 4 * trySeconds + workSeconds)
  })
})

it('a work package that seems to have left its lane does not keep a run alive whose mission cannot be read', async () => {
  let looks = 0
  const world = createWorld({
    wps: [
      { wpId: wp('WP01'), lane: 'done' },
      { wpId: wp('WP02'), dependencies: [wp('WP01')] },
    ],
    behave: ({ role }) => (role === 'implementation' ? { ...implements_, ms: hour } : approves),
    config: configOf({ host: { patience_seconds: patienceSeconds } }),
    look: truth => {
      looks += 1
      if (looks <= 3) return { ok: true, data: truth }
      if (looks > 6) return hostFailure('host-defect', 'its words')
      const summary = { ...truth.summary, done: 0, planned: 1 }
      const changed = truth.work_packages.map(one => (one.wp_id === 'WP01' ? { ...one, lane: 'planned' } : one))
      return { ok: true, data: { ...truth, work_packages: changed, summary } }
    },
  })
  const ended: unknown = await world.time.drive(world.begin().whole(), 10 * hour).catch(error => error)

  expect(ended).toMatchObject({ code: 'host-defect' })
})
