import { describe, expect, it } from 'vitest'
import { finish } from '../../../src/run/finish/finish.ts'
import type { Recorder } from '../../../src/run/record/recorder.ts'
import type { RunContext } from '../../../src/run/run-context.ts'
import { approves, type Behaviour, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from '../fakes.ts'

const wps = [{ wpId: wp('WP01') }, { wpId: wp('WP02') }]
const behave: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)

function worldWith(finishing: Record<string, unknown> = { merge: 'squash' }): World {
  return createWorld({ wps, behave, topology: 'lanes', config: configOf({ finish: { accept: true, ...finishing } }) })
}

/** The run with a main checkout on the branch to which the memory merges. */
function atWork(run: RunContext, recorder: Partial<Recorder> = {}): RunContext {
  const mainCheckout = { ...run.ports.mainCheckout, branch: async () => 'work' }
  return { ...run, ports: { ...run.ports, mainCheckout, recorder: { ...run.ports.recorder, ...recorder } } }
}

async function finished(world: World, recorder: Partial<Recorder> = {}) {
  const process = world.begin()
  const wpResults = await world.time.drive(process.wpResults())
  const run = atWork(process.run, recorder)
  return world.time.drive(finish(run, wpResults, world.store.state().finish))
}

const failure = { ok: false, message: 'git update-ref: it is locked', cureOn: () => null } as const

describe('the review record of a merge', () => {
  it('says who judged which commits, and what was merged', async () => {
    const world = worldWith()
    const end = await finished(world)
    const { mergeOf } = world.store.state().finish
    const [[after, stored] = []] = world.records
    expect(after).toBe(mergeOf?.after)
    expect(stored?.record).toMatchObject({
      run: { id: 'run-1' },
      target: { branch: 'work', before: 'target', after, strategy: 'squash' },
      lanes: [{ workPackages: ['WP01'] }, { workPackages: ['WP02'] }],
      judgements: [
        { workPackage: 'WP01', verdict: 'approved', reviewer: { agent: 'bob' }, implementers: [{ agent: 'ada' }] },
        { workPackage: 'WP02', verdict: 'approved' },
      ],
      confirmations: [],
      given: [],
    })
    expect(stored?.record.judgements[0]?.ranges).toEqual([
      { base: expect.any(String), head: stored?.record.judgements[0]?.commit },
    ])
    expect(end.record).toMatchObject({ ref: 'refs/sko/attestations', signers: [] })
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'recorded', signers: [], unsigned: null }))
  })

  it('keeps every reviewed commit by a parent, each history once', async () => {
    const world = worldWith()
    await finished(world)
    const [stored] = world.records.values()
    // The memory merges with parents, so the target holds the lanes.
    expect(stored?.parents).toEqual([stored?.record.target.after])
  })

  it('is written by the next process when the first one died after the merge', async () => {
    const world = worldWith()
    const killed = new Error('killed')
    const dies: Recorder['store'] = async () => {
      throw killed
    }
    await expect(finished(world, { store: dies })).rejects.toBe(killed)
    expect(world.records.size).toBe(0)
    expect(world.host.acceptances()).toBe(0)
    const end = await finished(world)
    expect(world.records.size).toBe(1)
    expect(end).toMatchObject({ merged: true, accepted: true, complete: true })
  })

  it('is reported once, however often the run is resumed', async () => {
    const world = worldWith()
    await finished(world)
    await finished(world)
    expect(world.events.filter(({ type }) => type === 'recorded')).toHaveLength(1)
  })

  it('that cannot be stored leaves the merge and the acceptance, and says what is next', async () => {
    const world = worldWith()
    const end = await finished(world, { store: async () => failure })
    const next = [{ command: 'sko resume', why: 'records the review of the merge again' }]
    expect(end).toMatchObject({ merged: true, accepted: true, complete: false, next })
    const reason = 'git update-ref: it is locked'
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'not-recorded', reason, next }))
    await expect(finished(world)).resolves.toMatchObject({ complete: true, next: [] })
  })

  it('without the signature that is configured is not what was asked for', async () => {
    const world = worldWith()
    const unsigned: Recorder['store'] = async () => {
      const place = { ref: 'refs/sko/attestations', commit: 'r1', path: 'p.json', after: 'c1', file: '/l/r.json' }
      return { ok: true, data: { ...place, signers: [], unsigned: 'its key needs a passphrase', isNew: true } }
    }
    const end = await finished(world, { store: unsigned })
    expect(end).toMatchObject({ merged: true, accepted: true, complete: false, next: [{ command: 'sko resume' }] })
  })

  it('by someone else says what is known', async () => {
    const world = worldWith()
    const process = world.begin()
    const wpResults = await world.time.drive(process.wpResults())
    world.git.mergeLanes()
    const end = await world.time.drive(finish(atWork(process.run), wpResults, world.store.state().finish))
    expect(end).toMatchObject({ merged: true })
    expect(world.events.map(({ type }) => type)).toContain('merged-by-others')
    const [stored] = world.records.values()
    expect(stored?.record.target).toMatchObject({ branch: 'work', before: null, strategy: null })
    expect(stored?.record.judgements).toHaveLength(2)
  })

  it('is not made without a merge', async () => {
    const world = worldWith({ merge: null })
    await runWorld(world)
    expect(world.records.size).toBe(0)
  })
})
