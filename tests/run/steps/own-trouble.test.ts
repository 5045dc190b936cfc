import { describe, expect, it } from 'vitest'
import type { Role } from '../../../src/core/work-package/work-package.ts'
import { exitCodes, OrchestratorError } from '../../../src/errors.ts'
import type { GitFailure } from '../../../src/run/git/git-outcome.ts'
import type { Workspace } from '../../../src/run/git/workspace.ts'
import type { RunContext } from '../../../src/run/run-context.ts'
import { troubleOf, whyHalted } from '../../../src/run/steps/own-trouble.ts'
import { approves, type Behaviour, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, type World, wp } from '../fakes.ts'

const behave: Behaviour = ({ role }) => (role === 'implementation' ? { ...implements_, change: 'dirty' } : approves)
const failure = (message: string): GitFailure => ({
  ok: false,
  message,
  cureOn: branch => (branch === null ? null : `git branch ${branch} c1`),
})

interface Failing {
  readonly method: keyof Workspace
  readonly message: string
  /** Once an agent of WP01 has ended in this role. */
  readonly after?: Role
  /** Of so many calls. */
  readonly times?: number
}

async function runFailing(fails: Failing) {
  const world: World = createWorld({
    wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
    config: configOf({ host: { patience_seconds: 60 } }),
    behave,
  })
  const first = world.begin()
  failing(world, first.run, fails)
  const ended = await world.time.drive(
    first.whole().then(
      () => null,
      (error: unknown) => error,
    ),
  )
  return { world, ended }
}

function failing(
  { agents, host }: World,
  { ports: { workspace } }: RunContext,
  { method, message, after = 'implementation', times = Number.POSITIVE_INFINITY }: Failing,
): void {
  const asked: (...args: never[]) => Promise<unknown> = workspace[method]
  let left = times
  const isDue = (path: unknown) =>
    left > 0 &&
    path === host.worktreePath(wp('WP01')) &&
    agents.finished.some(({ request }) => request.wpId === 'WP01' && request.role === after)
  Object.assign(workspace, {
    [method]: async (...args: never[]) => {
      if (!isDue(args[0])) return asked(...args)
      left -= 1
      return failure(message)
    },
  })
}

const attemptsIn = ({ agents }: World) => agents.finished.filter(({ request }) => request.wpId === 'WP01').length

describe('a failure of git in a lane worktree', () => {
  it.each<keyof Workspace>([
    'inspect',
    'hiddenFiles',
    'commitAll',
    'history',
    'whyNoRoom',
    'diffStat',
    'hiddenChanges',
  ])('of %s halts this WP with the reason and the cure for its branch; the other is finished', async method => {
    const { world, ended } = await runFailing({ method, message: 'HEAD names no commit' })
    expect(ended).toBeNull()
    const { halt, laneBranch } = world.store.record(wp('WP01'))
    expect(laneBranch).not.toBeNull()
    expect(halt).toEqual({
      kind: 'left-alone',
      reason: 'in its lane worktree, HEAD names no commit',
      cure: `git branch ${laneBranch} c1`,
    })
    expect(world.host.lane(wp('WP02'))).toBe('approved')
  })

  const lock = "Unable to create '/repo/.git/index.lock': File exists"
  const full = 'error: write failed: No space left on device'

  it('that may pass is tried again', async () => {
    const { world, ended } = await runFailing({ method: 'inspect', message: lock, times: 2 })
    expect(ended).toBeNull()
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(attemptsIn(world)).toBe(2)
  })

  it('that may pass, after the agent of the same step has run, halts: no attempt is paid for twice', async () => {
    const { world, ended } = await runFailing({ method: 'inspect', message: lock, after: 'review', times: 1 })
    expect(ended).toBeNull()
    expect(world.store.record(wp('WP01')).halt).toMatchObject({ reason: `in its lane worktree, ${lock}` })
    expect(attemptsIn(world)).toBe(2)
  })

  it('that every other WP would have too ends the run, once it cannot be waited for', async () => {
    const waited = await runFailing({ method: 'inspect', message: full, times: 2 })
    expect(waited.ended).toBeNull()
    const { ended } = await runFailing({ method: 'inspect', message: full, after: 'review' })
    expect(ended).toMatchObject({ code: 'out-of-resources', message: full })
  })
})

describe('an error that is no failure of git', () => {
  const system = (code: string) => Object.assign(new Error(`${code}: cannot`), { code, syscall: 'open' })
  const refused = (code: string) =>
    new OrchestratorError({ code, exitCode: exitCodes.host, message: 'outside', hint: 'run doctor' })

  it.each([
    ['ENOSPC', { passes: true, ofMachine: 'ENOSPC: cannot', reason: 'ENOSPC: cannot' }],
    [
      'ENOENT',
      {
        passes: false,
        ofMachine: null,
        reason: 'its lane worktree or log folder changed while sko used it: ENOENT: cannot',
      },
    ],
  ])('%s of the system', (code, expected) => {
    expect(troubleOf(system(code))).toMatchObject(expected)
  })

  it('of one WP halts it with the hint; that of the machine ends the run; a bug and what ends a run are thrown on', () => {
    expect(whyHalted(troubleOf(refused('path-outside-repository')))).toBe('outside: run doctor')
    expect(() => whyHalted(troubleOf(system('EMFILE')))).toThrow(expect.objectContaining({ code: 'out-of-resources' }))
    expect(() => troubleOf(new TypeError('a bug'))).toThrow('a bug')
    expect(() => troubleOf(refused('host-missing'))).toThrow('outside')
  })
})
