import { describe, expect, it } from 'vitest'
import type { WpId } from '../../src/core/ids.ts'
import { createIncarnation } from '../run/fakes/incarnation.ts'
import { approves, type Behaviour, implements_, rejects } from '../run/fakes/scripted-agents.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { configOf, createWorld, runWorld, type World, wp } from '../run/fakes.ts'
import { whole } from '../whole.ts'
import { brokenAtEnd, createWatch, type Watch } from './invariants.ts'

/** `SKO_KILL=17` or `SKO_KILL=17,40` reproduces one alone. */
const alone = process.env.SKO_KILL?.split(',').map(Number)
/** Of each topology: all points, or every eighth; the two topologies begin at different ones. */
const step = whole ? 1 : 8
const pairs = whole ? 250 : 12
const ids = ['WP01', 'WP02', 'WP03'].map(wp)

/** The first review of WP02 asks for changes; the implementation of WP03 leaves its work uncommitted. */
const behave: Behaviour = ({ wpId, role, cycle }) => {
  if (role === 'review') return wpId === 'WP02' && cycle === 1 ? rejects : approves
  return wpId === 'WP03' ? { ...implements_, change: 'dirty' } : implements_
}

/** WP02 and WP03 wait for WP01 and then go side by side; merged and accepted at the end. */
function missionOf(topology: 'coord' | 'lanes'): { readonly world: World; readonly watch: Watch } {
  const watch = createWatch()
  const [first, ...others] = ids
  const world = createWorld({
    wps: ids.map(wpId => ({
      wpId,
      dependencies: first && others.includes(wpId) ? [first] : [],
      subtasks: [`T1${wpId.slice(2)}`],
    })),
    behave,
    topology,
    config: configOf({ max_concurrent_wps: 2, checks: ['check'], finish: { merge: 'merge' } }),
    agentFacts: { resumes: true },
    random: seededRandom(1),
    onHostEvent: watch.onHostEvent,
    onReport: watch.onReport,
  })
  watch.attach(world)
  return { world, watch }
}

function movesOf(world: World, wpId: WpId): readonly string[] {
  return world.host.events.flatMap(event => (event.wpId === wpId ? [`${event.from} -> ${event.to}`] : []))
}

/** All that a crash on the way must not change: where the mission stands, and how each WP came there. */
function outcomeOf(world: World) {
  const { host } = world
  return {
    lanes: host.lanes(),
    merged: host.merged(),
    acceptances: host.acceptances(),
    moves: Object.fromEntries(ids.map(wpId => [wpId, movesOf(world, wpId)])),
    cycles: ids.map(wpId => world.store.record(wpId).cycle),
    // None was started again: every agent that lived on was adopted.
    agents: world.agents.finished.length,
  }
}

/** Commits that were made and are on no branch, uncommitted work, and what was put aside of an implementation. */
function lostWork({ git }: World): readonly string[] {
  const worktrees = [...git.worktrees.values()]
  const kept = new Set(worktrees.flatMap(({ commits }) => commits.map(({ id }) => id)))
  // Commits are numbered over all worktrees: the next one tells how many there ever were.
  const next = Number(git.commit(git.allocate('/probe', 'probe'), 'nobody').slice(1))
  const commits = Array.from({ length: next - 1 }, (_, index) => `c${index + 1}`).filter(id => !kept.has(id))
  const dirty = worktrees.flatMap(({ dirtyBy, path }) => (dirtyBy === null ? [] : [`${dirtyBy} in ${path}`]))
  const setAside = [...git.patches.values()].filter(text => text.includes('implementation'))
  return [...git.lost, ...commits, ...dirty, ...setAside]
}

/** Killed at these places one after the other, then left in peace. */
async function crashed(topology: 'coord' | 'lanes', kills: readonly number[]) {
  const { world, watch } = missionOf(topology)
  for (const killAt of kills) {
    await world.time.drive(world.begin(createIncarnation(world.time, killAt)).whole())
    await world.time.drive(world.time.delay((killAt % 7) * 20_000))
  }
  const ended = await runWorld(world)
  return { ...outcomeOf(world), lost: lostWork(world), broken: [...watch.broken, ...brokenAtEnd(world, ended)] }
}

describe.each([
  ['coord', 0],
  ['lanes', 3],
] as const)('kill -9 in %s topology', (topology, offset) => {
  const undisturbed = async () => {
    const { world } = missionOf(topology)
    const process = world.begin()
    await runWorld(world, process)
    return { points: process.life.passed(), expected: { ...outcomeOf(world), lost: [], broken: [] } }
  }

  const expectSame = async (kills: readonly number[], expected: unknown): Promise<void> => {
    const told = `killed at ${kills}; again, alone: SKO_KILL=${kills} npx vitest run --project unit tests/sim/kill-points.test.ts`
    expect(await crashed(topology, kills), told).toEqual(expected)
  }

  it(`at every ${step === 1 ? '' : 'eighth '}point: the same end, nothing done twice, nothing lost`, {
    timeout: 300_000,
  }, async () => {
    const { points, expected } = await undisturbed()
    expect(points).toBeGreaterThan(150)
    const all = Array.from({ length: points }, (_, index) => [index + 1])
    const chosen = all.filter((_, index) => index % step === offset % step)
    for (const kills of alone ? [alone] : chosen) await expectSame(kills, expected)
  })

  it(`at ${pairs} pairs of points`, { timeout: 300_000 }, async () => {
    const { points, expected } = await undisturbed()
    const random = seededRandom(42)
    for (let pair = 0; pair < pairs; pair += 1) {
      await expectSame([1 + Math.floor(random() * points), 1 + Math.floor(random() * points)], expected)
    }
  })
})
