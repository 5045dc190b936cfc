import { describe, expect, it } from 'vitest'
import type { Layout, Merged } from '../../../src/run/gate/combining.ts'
import type { GitOutcome } from '../../../src/run/git/git-outcome.ts'
import { approves, type Behaviour, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, wp } from '../fakes.ts'

const works: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const checks = { run: ['npm test'], protect: ['t'], also_base: true }
const ok = <T>(data: T): Promise<GitOutcome<T>> => Promise.resolve({ ok: true, data })
const merged: Merged = { kind: 'merged', tree: 'old', parents: ['old'] }

/** A run whose work changes these protected files. `fails`: how often the checks fail with those of the base. */
async function runWith(given: { files: number; fails: number; layOut?: GitOutcome<Layout>; full?: string[] }) {
  let left = given.fails
  const full = [...(given.full ?? [])]
  const world = createWorld({
    wps: [{ wpId: wp('WP01') }],
    behave: works,
    config: configOf({ checks }),
    check: ({ worktree }) => (worktree === '/old' && left-- > 0 ? 1 : 0),
  })
  const process = world.begin()
  const removed: string[] = []
  const layout: Layout = {
    path: '/old',
    checkOut: () => ok(undefined),
    whyNoRoom: () => ok(full.shift() ?? null),
    remove: () => removed.push('/old'),
  }
  const first = given.layOut ? [given.layOut] : []
  const paths = Array.from({ length: given.files }, (_, n) => `t/${n}`)
  const changes = paths.map(path => ({ path, mode: '100644', before: 'a', after: 'b', kind: 'modified' }))
  Object.assign(process.run.ports.workspace, { changes: () => ok(changes) })
  Object.assign(process.run.ports.combining, {
    withFilesOf: () => ok(merged),
    layOut: () => Promise.resolve(first.shift() ?? { ok: true, data: layout }),
  })
  await runWorld(world, process)
  const attempts = world.store.record(wp('WP01')).attempts.map(({ role, result }) => `${role} ${result?.kind}`)
  return { world, attempts, removed }
}

const fine = ['implementation succeeded', 'review succeeded']

describe('the checks with the protected files of the base', () => {
  it('name at most fifty files to the agent, and are kept with the work', async () => {
    const { world, attempts, removed } = await runWith({ files: 53, fails: 1 })
    expect(attempts).toEqual(['implementation failed', ...fine])
    const [, second] = world.agents.finished.map(({ prompt }) => prompt)
    expect(second).toContain('$ npm test (with the protected files of the base)\nexit 1\n')
    expect(second).toContain('\n- t/49\n- and 3 more\n')
    const ended = world.events.filter(event => event.type === 'check-ended')
    expect(ended.map(({ log }) => log)).toEqual([
      '/logs/WP01/implementation-c1-a1.check-1.log',
      '/logs/WP01/implementation-c1-a1.check-1.base.log',
      '/logs/WP01/implementation-c1-a2.check-1.log',
      '/logs/WP01/implementation-c1-a2.check-1.base.log',
    ])
    expect(world.host.events.at(-1)?.input.note).toMatch(/\ncheck npm test \(with .* base\): pass, exit 0$/)
    expect(removed).toHaveLength(2)
  })

  it.each([
    ['the files cannot be laid out', { layOut: { ok: false, message: 'no room', cureOn: () => null } }],
    ['they fail on a full disk', { full: ['the disk is full'], fails: 1 }],
  ] as const)('are tried again when %s: the work is not to blame', async (_, trouble) => {
    const { attempts, world } = await runWith({
      files: 1,
      fails: 0,
      ...trouble,
      full: [...('full' in trouble ? trouble.full : [])],
    })
    expect(attempts).toEqual(fine)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })
})
