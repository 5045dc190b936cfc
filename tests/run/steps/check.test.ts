import { describe, expect, it } from 'vitest'
import { withFreshCounters } from '../../../src/core/work-package/fresh-start.ts'
import { head } from '../fakes/memory-git.ts'
import {
  type Action,
  approves,
  type Behaviour,
  changesNothing,
  fails,
  implements_,
  rejects,
} from '../fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from '../fakes.ts'

const one = [{ wpId: wp('WP01') }]
const checked = configOf({ checks: ['npm test'], agents: { max_retries: 1 } })
const works: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)

const worktreeOf = (world: World) => world.git.at(world.host.worktreePath(wp('WP01')))
const attemptsOf = (world: World, id = 'WP01') =>
  world.store
    .record(wp(id))
    .attempts.map(({ role, agent, cycle, result }) =>
      [role, agent, cycle, result?.kind === 'failed' ? result.failure.class : result?.kind].join(' '),
    )
const promptsOf = (world: World, role: string) =>
  world.agents.finished.filter(({ request }) => request.role === role).map(({ prompt }) => prompt)

/** The exit code of each time it runs; 0 from then on. */
function exits(...codes: readonly number[]) {
  const left = [...codes]
  return () => left.shift() ?? 0
}

describe('a check', () => {
  it('that fails sends the work back, without a review and without a cycle; the reviewer sees the one that passed', async () => {
    const world = createWorld({ wps: one, behave: works, config: checked, check: exits(1, 0) })
    await runWorld(world)
    expect(attemptsOf(world)).toEqual([
      'implementation ada 1 checks-failed',
      'implementation ada 1 succeeded',
      'review bob 1 succeeded',
    ])
    const [first, second] = promptsOf(world, 'implementation')
    expect(first).toContain('## Checks')
    expect(first).not.toContain('checks fail')
    expect(second).toContain('Exit code 1:\n\n````text\n$ npm test\nexit 1\n````')
    expect(promptsOf(world, 'review')[0]).toContain(`were run on ${head(worktreeOf(world))}:\n- \`npm test\`: exit 0`)
    expect(world.events.filter(({ type }) => type === 'check-ended' || type === 'attempt-void')).toMatchObject([
      { type: 'check-ended', exitCode: 1, log: '/logs/WP01/implementation-c1-a1.check-1.log' },
      { type: 'attempt-void', attempt: 1, failure: { class: 'checks-failed', detail: 'npm test: exit 1' } },
      { type: 'check-ended', exitCode: 0, log: '/logs/WP01/implementation-c1-a2.check-1.log' },
    ])
    expect(world.host.events.at(-1)?.input.note).toMatch(/\ncheck npm test: pass, exit 0$/)
  })

  it('that keeps failing spends the retries of each implementer, then a person is asked; no review took place', async () => {
    const world = createWorld({ wps: one, behave: works, config: checked, check: () => 1 })
    const { wpResults } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('blocked')
    expect(attemptsOf(world)).toEqual([
      'implementation ada 1 checks-failed',
      'implementation ada 1 checks-failed',
      'implementation bob 1 checks-failed',
      'implementation bob 1 checks-failed',
    ])
    expect(wpResults[0]?.reason).toContain('checks-failed: npm test: exit 1')
    expect(world.store.record(wp('WP01')).feedback).toMatchObject({ kind: 'checks' })
  })

  it('that was failed by the very same tree before stops the WP at once', async () => {
    const behave: Behaviour = (request, index) =>
      index === 0 ? works(request, index) : { ...works(request, index), change: 'none' }
    const world = createWorld({ wps: one, behave, config: checked, check: () => 1 })
    const { wpResults } = await runWorld(world)
    expect(wpResults[0]?.reason).toBe('its implementation is byte for byte the one that the checks of cycle 1 rejected')
    expect(attemptsOf(world)).toHaveLength(2)
  })

  it('runs again after a rejection, on what was made of it', async () => {
    const behave: Behaviour = ({ role, cycle }) =>
      role === 'implementation' ? implements_ : cycle === 1 ? rejects : approves
    const world = createWorld({ wps: one, behave, config: checked, check: exits(0, 1, 0) })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(attemptsOf(world).slice(2)).toEqual([
      'implementation ada 2 checks-failed',
      'implementation ada 2 succeeded',
      'review bob 2 succeeded',
    ])
    expect(promptsOf(world, 'implementation')[2]).toMatch(/checks fail[\s\S]*must stay fixed[\s\S]*it is wrong/)
  })

  it.each(['dirty', 'commit', 'branch'])('that leaves the tree %s has that put back, kept and reported', async kind => {
    const check = (_: unknown, world: World) => {
      const worktree = worktreeOf(world)
      if (kind === 'dirty') worktree.dirtyBy = 'a check'
      else world.git.commit(worktree, 'a check')
      if (kind === 'branch') worktree.checkedOut = 'elsewhere'
      return 0
    }
    const world = createWorld({ wps: one, behave: works, config: checked, check })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(worktreeOf(world)).toMatchObject({ dirtyBy: null, checkedOut: worktreeOf(world).branch })
    expect(worktreeOf(world).commits.map(({ by }) => by)).toEqual(['host', 'WP01 implementation'])
    expect([...world.git.patches.keys()]).toEqual(['/logs/WP01/implementation-c1-a1.checks.patch'])
    const told = world.events.filter(event => event.type === 'tree-put-back')
    const patch = '/logs/WP01/implementation-c1-a1.checks.patch'
    expect(told).toEqual([
      expect.objectContaining({ during: 'checks', kept: expect.stringMatching(/^refs\/sko\/kept\//), patch }),
    ])
  })

  it.each([
    ['stopped in order', (process: ReturnType<World['begin']>) => process.stop()],
    ['killed', (process: ReturnType<World['begin']>) => process.life.kill()],
  ])('that ran when we were %s says nothing: it runs again, and what it left is put back first', async (_, end) => {
    let runs = 0
    const check = () => {
      runs += 1
      return 0
    }
    const world = createWorld({ wps: one, behave: works, config: checked, check })
    const process = world.begin()
    const checking = async (): Promise<void> => {
      while (worktreeOf(world).commits.length < 2) await world.time.delay(100)
      await world.time.delay(5_000)
      end(process)
    }
    const started = async (): Promise<void> => {
      while (!world.agents.finished.length) await world.time.delay(100)
      await checking()
    }
    await world.time.drive(Promise.all([process.whole(), started()]))
    expect(runs).toBe(0)
    expect(world.host.lane(wp('WP01'))).toBe('in_progress')
    worktreeOf(world).dirtyBy = 'a check'
    await runWorld(world)
    expect(runs).toBe(1)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(attemptsOf(world)).toEqual(['implementation ada 1 succeeded', 'review bob 1 succeeded'])
    expect(world.git.patches.get('/logs/WP01/implementation-c1-a1.leftovers.patch')).toContain('a check beyond')
  })
})

describe('two WPs in one worktree', () => {
  const pair = [
    { wpId: wp('WP01'), laneId: 'lane-a' },
    { wpId: wp('WP02'), laneId: 'lane-a' },
  ]

  it.each(['coord', 'lanes'] as const)(
    'in %s topology, the second one does nothing: that is no work',
    async topology => {
      const behave: Behaviour = (request, index) =>
        request.wpId === 'WP02' && request.role === 'implementation' ? changesNothing : works(request, index)
      const world = createWorld({ wps: pair, behave, topology, config: configOf({ agents: { max_retries: 0 } }) })
      await runWorld(world)
      expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'blocked' })
      expect(attemptsOf(world, 'WP02')).toEqual(['implementation ada 1 no-change', 'implementation bob 1 no-change'])
    },
  )

  /** WP01 leaves a commit and is blocked, WP02 works on top of it, and a person lets WP01 try again. */
  const interleaved = async (again: Action) => {
    const cut = { ...fails('refused'), change: 'commit' } as const
    let retried = false
    const behave: Behaviour = (request, index) => {
      if (request.wpId === 'WP02' || request.role === 'review') return works(request, index)
      return retried ? again : cut
    }
    const world = createWorld({ wps: pair, behave, config: configOf({ agents: { implementation: ['ada'] } }) })
    await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'blocked', WP02: 'approved' })
    retried = true
    world.host.put(wp('WP01'), 'in_progress')
    const process = world.begin()
    await world.time.drive(
      process.run.ports.store.saveWorkPackage(
        withFreshCounters(world.store.record(wp('WP01')), world.time.clock.now()),
      ),
    )
    await runWorld(world, process)
    return world
  }

  it('one continues after the other has worked there: its reviewer sees its own parts, and so does its next attempt', async () => {
    const world = await interleaved(implements_)
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved' })
    const [base, first, second, third] = worktreeOf(world).commits.map(({ id }) => id)
    const prompt = promptsOf(world, 'review').at(-1)
    expect(prompt).toContain(`everything between ${base} and ${first}, and between ${second} and ${third}.`)
    expect(prompt).toContain('the work of another work package')
    expect(promptsOf(world, 'review')[0]).toContain(`everything between ${first} and ${second}.`)
    const rework = promptsOf(world, 'implementation').at(-1)
    expect(rework).toContain(`commits of ${base}..${first}`)
    expect(rework).not.toContain(`..${second}`)
  })

  it('one that does nothing more has what it did before the other, and not what the other did', async () => {
    const world = await interleaved(changesNothing)
    const [base, first] = worktreeOf(world).commits.map(({ id }) => id)
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved' })
    expect(promptsOf(world, 'review').at(-1)).toContain(`everything between ${base} and ${first}.`)
  })

  it('one that rewrites the history without what the other did there is left to a person', async () => {
    const behave: Behaviour = (request, index) => {
      const { commits } = world.git.at(request.worktree)
      if (request.wpId === 'WP02' && request.role === 'implementation') commits.splice(1)
      return works(request, index)
    }
    const world = createWorld({ wps: pair, behave })
    const { wpResults } = await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'in_progress' })
    expect(wpResults[1]?.reason).toMatch(/no longer has the work of WP01; in \S+, run git merge c1/)
  })
})

describe('a file whose changes git is set to ignore after the commit, as a process that outlives its agent can do it', () => {
  it('is no work that passes: its agent hears of it, and the same commit passes once the flag is off', async () => {
    const world: World = createWorld({
      wps: one,
      behave: ({ role }) => (role === 'implementation' ? { ...implements_, change: 'dirty', tree: 'same' } : approves),
      config: configOf({ agents: { max_retries: 1 } }),
      onReport: event => {
        if (event.type === 'work-committed') worktreeOf(world).hidden = event.message.includes('attempt 1') ? ['a'] : []
      },
    })
    await runWorld(world)
    expect(attemptsOf(world)).toEqual([
      'implementation ada 1 checks-failed',
      'implementation ada 1 succeeded',
      'review bob 1 succeeded',
    ])
    const [, second] = promptsOf(world, 'implementation')
    expect(second).toContain('git update-index --no-skip-worktree -- <file>')
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })
})
