import { describe, expect, it } from 'vitest'
import { unfinished } from '../../../src/core/mission/finish-progress.ts'
import { type NextCommand, nextLine } from '../../../src/core/next-command.ts'
import { type Finish, finish } from '../../../src/run/finish/finish.ts'
import type { HostClient } from '../../../src/run/host/host-client.ts'
import { hostFailure } from '../../../src/run/host/host-outcome.ts'
import type { MainCheckout, MergeWay } from '../../../src/run/mission/main-checkout.ts'
import type { RunContext } from '../../../src/run/run-context.ts'
import type { Fault } from '../fakes/memory-host.ts'
import { approves, type Behaviour, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, type Process, runWorld, type World, type WorldOptions, wp } from '../fakes.ts'

const two = [{ wpId: wp('WP01') }, { wpId: wp('WP02') }]
const behave: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)

interface Checkout {
  readonly inTheWay?: NextCommand | null
  readonly branch?: string | null
  /** `merge.strategy` of the host. */
  readonly hosts?: MergeWay['strategy']
}

/** The first next command, as it is printed. */
function said({ next }: Finish): string {
  const [first] = next
  return first ? nextLine(first) : ''
}

/** The run with this main checkout. */
function at(run: RunContext, { inTheWay = null, branch = 'work', hosts = 'merge' }: Checkout = {}): RunContext {
  const whyNotMerge: MainCheckout['whyNotMerge'] = async () => ({ ok: true, data: inTheWay })
  const strategyOfHost = async () => hosts
  const mainCheckout = { ...run.ports.mainCheckout, branch: async () => branch, whyNotMerge, strategyOfHost }
  return { ...run, ports: { ...run.ports, mainCheckout } }
}

/** Everything is done, and then something is changed before the run comes to its end. */
async function finishAfter(
  change: (world: World, first: Process) => unknown,
  { inTheWay = null, branch = 'work', hosts = 'merge', ...options }: Partial<WorldOptions> & Checkout = {},
) {
  const config = options.config ?? configOf({ finish: { merge: 'merge', accept: true } })
  const world = createWorld({ wps: two, behave, topology: 'lanes', ...options, config })
  const first = world.begin()
  const wpResults = await world.time.drive(first.wpResults())
  await world.time.drive(Promise.resolve(change(world, first)))
  const end = await world.time.drive(
    finish(at(first.run, { inTheWay, branch, hosts }), wpResults, world.store.state().finish),
  )
  return { world, end }
}

const nothing = () => {}
const begun = { ...unfinished, mergeStarted: true }

describe('finish', () => {
  it('does not merge when the combined result cannot be laid out for the checks', async () => {
    const config = configOf({ finish: { merge: 'merge', accept: true }, checks: ['npm test'] })
    const full = { ok: false, message: '/tmp has 1 MB free', cureOn: () => null } as const
    const { world, end } = await finishAfter(
      (_, { run }) => {
        Object.assign(run.ports.combining, { layOut: async () => full })
      },
      { config },
    )
    expect(said(end)).toBe('sko resume   (the combined result could not be checked: /tmp has 1 MB free)')
    expect(world.host.calls).not.toContain('mergeMission')
  })

  it('merges, then accepts, and remembers both', async () => {
    const { world, end } = await finishAfter(nothing)
    expect(end).toMatchObject({ merged: true, accepted: true, complete: true, next: [] })
    expect(end.wpResults.map(({ node }) => node.lane)).toEqual(['done', 'done'])
    expect(world.host.calls.slice(-3)).toEqual(['mergeMission', 'acceptMission', 'missionState'])
    const works = { WP01: expect.any(String), WP02: expect.any(String) }
    expect(world.store.state().finish).toMatchObject({
      mergeStarted: true,
      merged: true,
      acceptStarted: true,
      accepted: true,
      mergeOf: { works, targetBranch: 'work', before: 'target', verified: true },
      acceptedOf: works,
    })
  })

  it('accepts nothing while git cannot tell what the merge added, and a resume looks again', async () => {
    const isMerged = (world: World) => world.host.calls.includes('mergeMission')
    const { world, end } = await finishAfter((world, { run }) => {
      const { graph } = run.ports.commits
      const failure = { ok: false, message: 'git rev-list: it failed', cureOn: () => null } as const
      Object.assign(run.ports.commits, {
        graph: async (...args: Parameters<typeof graph>) => (isMerged(world) ? failure : graph(...args)),
      })
    })
    const why = 'git could not tell what the merge added: git rev-list: it failed'
    expect(end).toMatchObject({
      merged: true,
      accepted: false,
      complete: false,
      next: [{ command: 'sko resume', why }],
    })
    expect(world.host.acceptances()).toBe(0)

    const { run, wpResults: reach } = world.begin()
    const wpResults = await world.time.drive(reach())
    const again = await world.time.drive(finish(at(run), wpResults, world.store.state().finish))
    expect(again).toMatchObject({ merged: true, accepted: true, complete: true, next: [] })
  })

  it.each([
    ['merged before', { ...begun, merged: true }, ['acceptMission']],
    ['an acceptance whose answer was not read', { ...begun, merged: true, acceptStarted: true }, ['acceptMission']],
    ['merged and accepted before', { ...begun, merged: true, accepted: true }, []],
    ['a merge whose reply was lost', begun, ['acceptMission']],
  ] as const)('does nothing twice: %s', async (_, progress, expected) => {
    const { world } = await finishAfter(nothing)
    const before = world.host.calls.length
    const { run, wpResults: reach } = world.begin()
    const wpResults = await world.time.drive(reach())
    const calls = world.host.calls.length
    expect(await world.time.drive(finish(at(run), wpResults, progress))).toMatchObject({
      complete: true,
    })
    expect(calls).toBeGreaterThan(before)
    expect(world.host.calls.slice(calls).filter(call => call !== 'resolveWorkspace')).toEqual(expected)
    // The first run has had one; what is asked for as a new one is recorded as such.
    const again = progress.accepted || progress.acceptStarted ? 1 : 2
    expect(world.host.acceptances()).toBe(again)
  })

  it.each([
    [
      'mergeMission',
      { merged: true, accepted: false, complete: false, next: [{ command: 'sko resume' }] },
      ['mergeMission'],
    ],
    ['acceptMission', { merged: true, accepted: true, complete: true }, ['mergeMission', 'acceptMission']],
  ] as const)(
    'begins nothing more once it is to stop, in %s, and knows what that one did',
    async (at, ended, calls) => {
      let stop = nothing
      const fault = (command: keyof HostClient): Fault => {
        if (command === at) stop()
        return null
      }
      const { world, end } = await finishAfter(
        (_, first) => {
          stop = first.stop
        },
        { fault },
      )
      expect(end).toMatchObject(ended)
      expect(world.host.calls.filter(call => call === 'mergeMission' || call === 'acceptMission')).toEqual(calls)
      expect(world.store.state().finish).toMatchObject({ merged: ended.merged, accepted: ended.accepted })
    },
  )

  it.each([
    ['a worktree with uncommitted work', (world: World) => dirty(world), 'uncommitted in'],
    [
      'a link to a repository that goes with the worktree',
      (world: World) => dangles(world),
      'sko resume   (commit what vendor/lib holds in',
    ],
    ['a commit that no reviewer approved', (world: World) => commitMore(world), 'sko confirm WP02 --commit c3'],
  ])('does not merge %s: the host would not mind', async (_, change, words) => {
    const { world, end } = await finishAfter(change)
    expect(end).toMatchObject({ merged: false, accepted: false, complete: false })
    expect(said(end)).toContain(words)
    expect(world.host.merged()).toBe(false)
  })

  it.each([
    ['for ever', Number.POSITIVE_INFINITY, { merged: false, complete: false }],
    ['for a moment', 1, { merged: true, complete: true }],
  ])(
    'merges no lane worktree that it could not look at, as the host is silent about it %s',
    async (_, times, ended) => {
      let left = 0
      const fault = (command: keyof HostClient): Fault =>
        command === 'resolveWorkspace' && left-- > 0 ? hostFailure('host-timed-out', 'no answer in time') : null
      const { world } = await finishAfter(nothing, { fault, config: configOf() })
      const { run, wpResults: reach } = world.begin()
      const wpResults = await world.time.drive(reach())
      left = times
      const config = configOf({ finish: { merge: 'merge', accept: false } })
      const end = await world.time.drive(finish(at({ ...run, config }), wpResults, world.store.state().finish))
      expect(end).toMatchObject(ended)
      expect(world.host.merged()).toBe(ended.merged)
      if (!ended.merged) expect(said(end)).toContain('sko resume   (the host does not say where')
    },
  )

  it('does not merge while something is in the way in the main checkout', async () => {
    const inTheWay = { command: 'git commit && sko resume', why: 'a reason' }
    const { world, end } = await finishAfter(nothing, { inTheWay })
    expect(end.next).toEqual([inTheWay])
    expect(world.host.merged()).toBe(false)
  })

  it.each([['elsewhere'], [null]])(
    'does not merge with the main checkout on %s, but in coord topology',
    async branch => {
      const { world, end } = await finishAfter(nothing, { branch })
      expect(said(end)).toContain('git checkout work')
      expect(world.host.merged()).toBe(false)
      expect((await finishAfter(nothing, { branch, topology: 'coord' })).end).toMatchObject({ merged: true })
    },
  )

  it('is complete where the host can accept only after the merge, and says what to run', async () => {
    const config = configOf()
    const { world, end } = await finishAfter(nothing, { config, topology: 'coord' })
    expect(end).toMatchObject({ merged: false, accepted: false, complete: true })
    expect(said(end)).toContain('sko resume --merge')
    expect(world.events.some(event => event.type === 'not-accepted')).toBe(false)
    expect(world.host.calls).not.toContain('acceptMission')
  })

  it.each([
    ['coord', 'rebase', true, 'sko resume --merge merge'],
    ['coord', 'rebase', false, 'sko resume --merge merge'],
    ['coord', 'squash', true, 'sko resume --merge'],
    ['lanes', 'rebase', true, 'sko resume --merge'],
    ['lanes', 'merge', false, 'sko resume --merge'],
  ] as const)(
    'in %s topology, with a host that merges by %s, and the acceptance asked for: %s, says: %s',
    async (topology, hosts, accept, expected) => {
      const config = configOf({ finish: { accept } })
      const { end } = await finishAfter(nothing, { config, topology, hosts })
      expect(end.next.map(({ command }) => command)).toEqual([expected])
    },
  )

  it('asks the host to accept in coord topology where someone else has merged', async () => {
    const merge = (_: World, { run }: Process) => run.ports.host.mergeMission({ mission: run.mission })
    const { world, end } = await finishAfter(merge, { config: configOf(), topology: 'coord' })
    expect(end).toMatchObject({ accepted: true, complete: true })
    expect(world.host.calls.slice(-2)).toEqual(['mergeMission', 'acceptMission'])
  })

  it('is not complete where the host refuses to accept, and says so', async () => {
    const fault = (command: keyof HostClient): Fault =>
      command === 'acceptMission' ? hostFailure('MISSION_NOT_READY', 'not yet') : null
    const { world, end } = await finishAfter(nothing, { config: configOf(), fault })
    expect(end).toMatchObject({ accepted: false, complete: false })
    expect(said(end)).toContain('sko resume')
    expect(world.events.at(-1)).toMatchObject({ type: 'not-accepted', message: 'not yet' })
  })

  it.each([
    ['MISSION_NOT_READY', false],
    ['host-timed-out', true],
    ['host-garbage', true],
  ] as const)('after %s it believes what lies in the answer file later on: %s', async (code, believed) => {
    const fault = (command: keyof HostClient): Fault =>
      command === 'acceptMission' ? hostFailure(code, 'its words') : null
    const { world } = await finishAfter(nothing, { fault })
    expect(world.store.state().finish).toMatchObject({ acceptStarted: believed, accepted: false })
  })

  it('takes no answer of before a merge for one of after it', async () => {
    const config = configOf({ finish: { accept: true } })
    const { world, end } = await finishAfter(nothing, { config })
    expect(end).toMatchObject({ merged: false, accepted: true })
    const { run, wpResults } = world.begin()
    const merging = { ...run, config: configOf({ finish: { merge: 'merge', accept: true } }) }
    const reached = await world.time.drive(wpResults())
    await world.time.drive(finish(at(merging), reached, world.store.state().finish))
    expect(world.host.acceptances()).toBe(2)
  })

  it.each([
    ['PREFLIGHT_FAILED', 'untouched', 'merges once what the host names is corrected'],
    ['host-timed-out', 'unknown', 'finds out whether it was merged'],
  ] as const)('says after a failed merge (%s) what is known', async (code, target, why) => {
    const fault = (command: keyof HostClient): Fault =>
      command === 'mergeMission' ? hostFailure(code, 'its words') : null
    const { world, end } = await finishAfter(nothing, { fault })
    expect(end).toMatchObject({ merged: false, complete: false })
    expect(world.events.findLast(event => event.type === 'not-merged')).toMatchObject({
      ...{ code, target, next: [{ command: 'sko resume', why }] },
    })
  })

  it('prints the merge that a stale lane needs, where the host makes none', async () => {
    const words = (lane: string) =>
      `Lane ${lane} is stale: overlapping files ['a']. Run: cd .worktrees/*-${lane} && git merge x`
    const end = async (lane: string) =>
      (
        await finishAfter(nothing, {
          fault: command => (command === 'mergeMission' ? hostFailure('PREFLIGHT_FAILED', words(lane)) : null),
        })
      ).end
    expect(said(await end('0'))).toMatch(
      /^git -C '\S+' merge --no-edit kitty\/mission-\S+ && sko resume {3}\(Lane 0 is stale/,
    )
    expect(said(await end('other'))).toContain('sko resume   (fix what the host names first')
  })

  it('first takes from the mission what the work packages of the stale lane do not own', async () => {
    const owned = '---\nowned_files: [src/WP01.txt]\n---\n'
    const message = `Lane 0 is stale: overlapping files ['src/WP01.txt', "it's", 'kitty-specs/x/meta.json', 'a\\\\nb']. Run: x`
    const fault = (command: keyof HostClient): Fault =>
      command === 'mergeMission' ? hostFailure('PREFLIGHT_FAILED', message) : null
    const declares = (world: World, { run }: Process) => {
      world.git.files.set(`/repo/kitty-specs/${run.mission}/tasks/WP01.md`, owned)
    }
    const { end } = await finishAfter(declares, { fault })
    const [take, commit, merge] = end.next[0]?.command.split(' && ') ?? []
    expect(take).toMatch(/^git -C '\S+' --literal-pathspecs checkout --quiet kitty\/mission-\S+ -- 'it'\\''s'$/)
    expect(commit).toMatch(/^git -C '\S+' commit --quiet --allow-empty --message/)
    expect(merge).toMatch(/^git -C '\S+' merge --no-edit kitty\/mission-/)
  })
})

function dirty(world: World): void {
  world.git.at(world.host.worktreePath(wp('WP01'))).dirtyBy = 'a person'
}

function dangles(world: World): void {
  const why = 'is a repository of its own, whose commits are nowhere else'
  world.git.at(world.host.worktreePath(wp('WP02'))).links = [{ path: 'vendor/lib', why, cure: null }]
}

function commitMore(world: World): void {
  world.git.commit(world.git.at(world.host.worktreePath(wp('WP02'))), 'a person')
}

describe('what was merged and accepted', () => {
  it('is asked for again once work has come after it', async () => {
    const world = createWorld({ wps: two, behave, topology: 'lanes', config: configOf({ finish: { merge: 'merge' } }) })
    const first = await runWorld(world)
    expect(first.finish).toMatchObject({ merged: true, accepted: true, complete: true })
    world.host.put(wp('WP02'), 'in_progress')
    const calls = world.host.calls.length
    const second = await runWorld(world)
    // Its new work is in a new lane; that of the other is merged and gone, and the host does not merge what is left.
    expect(world.host.lanes()).toEqual({ WP01: 'done', WP02: 'approved' })
    expect(world.host.calls.slice(calls)).not.toContain('acceptMission')
    expect(second.finish).toMatchObject({ merged: false, accepted: false, complete: false })
    const branch = world.store.record(wp('WP02')).laneBranch
    expect(second.finish?.next[0]?.command).toBe(`git merge --no-edit ${branch} && sko resume`)
  })

  it('names a work package that a person blocks while the host merges, although its work is merged', async () => {
    const { end } = await finishAfter((world, { run }) => {
      const { mergeMission } = run.ports.host
      Reflect.set(run.ports.host, 'mergeMission', async (input: Parameters<typeof mergeMission>[0]) => {
        const answer = await mergeMission(input)
        world.host.put(wp('WP02'), 'blocked')
        return answer
      })
    })
    expect(end).toMatchObject({ merged: true, complete: false })
    expect(end.next[0]?.command).toBe('sko retry WP02')
    expect(end.wpResults.map(({ node }) => node.lane)).toEqual(['done', 'blocked'])
  })

  it('by an older version, which does not say of what, is believed where the lane branches are gone', async () => {
    const { world } = await finishAfter(nothing)
    const calls = world.host.calls.length
    const { run, wpResults } = world.begin()
    const reached = await world.time.drive(wpResults())
    const progress = { ...unfinished, mergeStarted: true, merged: true, accepted: true }
    const end = await world.time.drive(finish(at(run), reached, progress))
    expect(end).toMatchObject({ merged: true, accepted: true, complete: true })
    expect(world.host.calls.slice(calls)).not.toContain('mergeMission')
  })
})
