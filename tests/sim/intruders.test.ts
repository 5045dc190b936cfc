import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WpId } from '../../src/core/ids.ts'
import { type KnownLane, satisfiesDependents } from '../../src/core/mission/lane.ts'
import { head } from '../run/fakes/memory-git.ts'
import { approves, type Behaviour, implements_, rejectsFor } from '../run/fakes/scripted-agents.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { configOf, createWorld, type Ended, type World, wp } from '../run/fakes.ts'
import { whole } from '../whole.ts'
import { beyondBounds } from './invariants.ts'

const runs = Number(process.env.SKO_SIM_RUNS ?? (whole ? 300 : 100))
const seed = Number(process.env.SKO_SIM_SEED ?? 1)

const wpIds = [wp('WP01'), wp('WP02')]
const config = configOf({ finish: { merge: 'merge' } })

/** What an agent or a person does beside the run, at a moment of it. */
interface Intrusion {
  readonly afterMs: number
  readonly wpId: WpId
  readonly act: 'commit' | 'edit' | 'delete-worktree' | 'other-branch' | 'move' | 'move-as-us'
  readonly to: KnownLane
}

const intrusion: fc.Arbitrary<Intrusion> = fc.record({
  afterMs: fc.nat(600_000),
  wpId: fc.constantFrom(...wpIds),
  act: fc.constantFrom('commit', 'edit', 'delete-worktree', 'other-branch', 'move', 'move-as-us'),
  to: fc.constantFrom('planned', 'in_progress', 'for_review', 'in_review', 'approved', 'done', 'blocked'),
})

interface Drawn {
  readonly intrusions: readonly Intrusion[]
  readonly topology: 'coord' | 'lanes'
  readonly seed: number
}

/** A run, then two more as a person would resume it: by then the intruders are gone. */
const mission: fc.Arbitrary<Drawn> = fc.record({
  intrusions: fc.array(intrusion, { maxLength: 6 }),
  topology: fc.constantFrom('coord', 'lanes'),
  seed: fc.nat(1_000_000),
})

it(`merges and reports only what was judged, whatever ${runs} sequences of acts do beside the run`, {
  timeout: 60_000 + runs * 500,
}, async () => {
  await fc.assert(fc.asyncProperty(mission, holds), { numRuns: runs, seed })
})

const longestMs = 7 * 24 * 3_600_000

async function holds(drawn: Drawn): Promise<void> {
  const broken: string[] = []
  const random = seededRandom(drawn.seed)
  const world: World = createWorld({
    wps: wpIds.map(wpId => ({ wpId })),
    behave,
    config,
    topology: drawn.topology,
    random,
    fault: command => {
      if (command === 'mergeMission') broken.push(...unjudged(world, drawn.intrusions, began))
      return null
    },
  })
  const began = world.time.clock.now()
  for (const act of drawn.intrusions) world.time.delay(act.afterMs).then(() => intrude(world, act))
  for (let process = 1; process <= 3; process += 1) {
    const ended = await world.time.drive(world.begin().whole(), longestMs)
    broken.push(...(ended ? notSo(world, ended) : ['killed']))
    if (ended?.finish?.complete) break
  }
  for (const wpId of wpIds) {
    const moves = drawn.intrusions.filter(act => act.wpId === wpId).length
    broken.push(...beyondBounds(world.store.record(wpId), config, moves))
  }
  expect(broken).toEqual([])
}

/** WP01 is rejected once. */
const behave: Behaviour = ({ wpId, role, cycle }) => {
  if (role === 'implementation') return implements_
  return wpId === 'WP01' && cycle === 1 ? rejectsFor('it is wrong') : approves
}

function intrude({ git, host }: World, { wpId, act, to }: Intrusion): void {
  if (host.merged()) return
  if (act === 'move') host.take(wpId, to)
  if (act === 'move-as-us') host.put(wpId, to)
  const worktree = git.worktrees.get(host.worktreePath(wpId))
  if (!worktree?.exists) return
  if (act === 'commit') git.commit(worktree, 'an intruder')
  if (act === 'edit') worktree.dirtyBy = 'an intruder'
  if (act === 'delete-worktree') worktree.exists = false
  if (act === 'other-branch') worktree.checkedOut = 'another'
}

/** Nothing is visible between our last look and the host's merge. */
const unseenMs = 30_000

/** I2: the tip of every lane that is merged is what a reviewer approved. */
function unjudged(world: World, intrusions: readonly Intrusion[], began: number): readonly string[] {
  const since = world.time.clock.now() - began
  if (intrusions.some(({ afterMs }) => afterMs > since - unseenMs && afterMs <= since)) return []
  return wpIds.flatMap(wpId => {
    // What was approved before any agent of ours began is a person's.
    if (world.store.record(wpId).attempts.length === 0) return []
    const worktree = world.git.worktrees.get(world.host.worktreePath(wpId))
    const tip = worktree ? head(worktree) : 'nothing'
    return world.agents.approvals.has(`${wpId} ${tip}`) ? [] : [`I2: ${wpId} is merged at ${tip}, unjudged`]
  })
}

/** I3: what the run says of its end is so at the host. */
function notSo({ host }: World, { finish, wpResults }: Ended): readonly string[] {
  if (!finish) return ['no end']
  const undone = wpResults.filter(({ node }) => !satisfiesDependents(host.lane(node.wpId)))
  if (!finish.complete) return finish.next.length === 0 ? ['I6: not complete, and nothing says what to do'] : []
  return [
    ...(host.merged() ? [] : ['I3: complete, and not merged']),
    ...(host.accepted() ? [] : ['I3: complete, and not accepted']),
    ...undone.map(({ node }) => `I3: complete, and ${node.wpId} is ${host.lane(node.wpId)}`),
  ]
}
