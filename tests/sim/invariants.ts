import type { Config } from '../../src/config/schema.ts'
import type { FailureClass } from '../../src/core/agent/failure.ts'
import type { AgentId, WpId } from '../../src/core/ids.ts'
import { satisfiesDependents } from '../../src/core/mission/lane.ts'
import { roles, type WpRecord } from '../../src/core/work-package/work-package.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import type { LiveAgent } from '../run/fakes/live-agents.ts'
import { head } from '../run/fakes/memory-git.ts'
import type { HostEvent } from '../run/fakes/memory-host.ts'
import type { Ended, World } from '../run/fakes.ts'

/** What was seen to be broken, in words; empty when all promises held. */
export interface Watch {
  readonly broken: string[]
  onHostEvent(event: HostEvent, world: World): void
  onReport(event: EventBody): void
  attach(world: World): void
  /** A person has moved it: it is theirs, or back where no attempt had begun. */
  onPersonsMove(wpId: WpId, isBack: boolean): void
}

/** Virtual time between the decision for an agent and its start: what another WP learns in between comes too late. */
const decisionMs = 5_000
/** A call whose reply was lost, and after which the host could not be read either, is made again, twice. */
const madeAgainMs = 20_000
/** After which a person's move is seen while agents of ours work: the look every half minute, and a slow host. */
const noticeMs = 60_000

export function createWatch(): Watch {
  const broken: string[] = []
  const unusable = new Map<AgentId, { readonly since: number; readonly until: number }>()
  const taken = new Map<WpId, number>()
  let now = () => 0

  const isTheirs = (wpId: WpId, sinceMs: number): boolean => {
    const at = taken.get(wpId)
    return at !== undefined && now() - at > sinceMs
  }

  const onStart = (agent: LiveAgent, world: World): void => {
    const { config } = world
    const others = [...world.agents.live]
    const same = (name: keyof LiveAgent) => others.filter(other => other[name] === agent[name]).length
    const ofItsOwn = config.agents.settings[agent.agent]?.max_concurrent ?? Number.POSITIVE_INFINITY
    if (others.length >= config.max_concurrent_wps) broken.push(`P1: ${others.length + 1} agents at once`)
    if (same('agent') >= ofItsOwn) broken.push(`P1: ${same('agent') + 1} of ${agent.agent} at once`)
    if (same('wpId') > 0) broken.push(`P2: two agents work on ${agent.wpId}`)
    if (same('worktree') > 0) broken.push(`P2: two agents in ${agent.worktree}`)
    for (const dependency of dependenciesOf(agent, world)) {
      const lane = world.host.lane(dependency)
      // Of a canceled one the host alone knows whether it releases what depends on it.
      if (!satisfiesDependents(lane) && lane !== 'canceled') broken.push(`${agent.wpId} begins before ${dependency}`)
    }
    const known = unusable.get(agent.agent)
    if (known && known.since + decisionMs < now() && now() < known.until) {
      broken.push(`${agent.agent} is started although it is out or cools down`)
    }
    if (isTheirs(agent.wpId, noticeMs)) broken.push(`P12: an agent begins on ${agent.wpId}, which a person has moved`)
    const { resumeSession } = agent
    if (resumeSession === null) return
    if (agent.role === 'review') broken.push(`a review of ${agent.wpId} is not fresh`)
    const own = world.store.record(agent.wpId).attempts.filter(other => other.agent === agent.agent)
    if (!own.some(({ role, sessionId }) => role === 'implementation' && sessionId === resumeSession)) {
      broken.push(`${agent.agent} on ${agent.wpId} goes on in ${resumeSession}, which is not its own`)
    }
  }

  return {
    broken,
    attach: world => {
      now = world.time.clock.now
      world.agents.onStart = agent => onStart(agent, world)
    },
    onReport: event => {
      if (event.type === 'cooldown') unusable.set(event.agent, { since: now(), until: Date.parse(event.until) })
      if (event.type === 'agent-out') unusable.set(event.agent, { since: now(), until: Number.POSITIVE_INFINITY })
    },
    onPersonsMove: (wpId, isBack) => {
      taken.set(wpId, isBack ? Number.POSITIVE_INFINITY : now())
    },
    onHostEvent: ({ wpId, from, to, input }, world) => {
      if (isTheirs(wpId, madeAgainMs))
        broken.push(`P12: ${wpId} is moved from ${from} to ${to} after a person moved it`)
      if (from === 'approved' || (to !== 'approved' && to !== 'done')) return
      const worktree = world.git.at(world.host.worktreePath(wpId))
      const commit = head(worktree)
      if (!world.agents.approvals.has(`${wpId} ${commit}`)) broken.push(`P3: ${wpId} ${to} at ${commit} unreviewed`)
      if (worktree.dirtyBy !== null) broken.push(`P3: ${wpId} ${to} with uncommitted work by ${worktree.dirtyBy}`)
      const strange = worktree.commits.find(({ by }) => by.endsWith('review'))
      if (strange) broken.push(`${wpId} ${to}, and ${strange.id} in it was made by a reviewer`)
      if (worktree.checkedOut !== worktree.branch) broken.push(`${wpId} ${to} on ${worktree.checkedOut}`)
      const told = to === 'done' ? input.evidence?.repos[0]?.commit : /approved at (\S+):/.exec(input.note ?? '')?.[1]
      if (told !== commit) broken.push(`P3: ${wpId} ${to} at ${commit}, but the host was told ${told}`)
    },
  }
}

function dependenciesOf(agent: LiveAgent, world: World) {
  return world.planned.find(({ wpId }) => wpId === agent.wpId)?.dependencies ?? []
}

/** What must be true once the run has ended. */
export function brokenAtEnd(
  world: World,
  { wpResults, finish }: Ended,
  /** Of those a person may have moved one after our last look. */
  movedByPerson: readonly WpId[] = [],
): readonly string[] {
  const broken: string[] = []
  if (world.agents.live.size > 0) broken.push(`${world.agents.live.size} agents outlive the run`)
  for (const { node, reason } of wpResults) {
    if (!satisfiesDependents(node.lane) && reason === null) broken.push(`${node.wpId} is ${node.lane} without a reason`)
    if (node.lane === 'blocked' && !finish?.next.some(({ command }) => command === `sko retry ${node.wpId}`)) {
      broken.push(`${node.wpId} is blocked, and no next command names it`)
    }
    if (movedByPerson.includes(node.wpId)) continue
    if (node.lane !== world.host.lane(node.wpId) && !world.host.merged())
      broken.push(`${node.wpId} ends with an old lane`)
  }
  const done = wpResults.every(({ node }) => satisfiesDependents(node.lane))
  const refused = world.host.failures() > 0
  if (done && !refused && !finish?.complete) broken.push('all is done, and the run says that it is not complete')
  if (!done && finish?.next.length === 0) broken.push('no way to go on is told')
  if (!done && finish?.complete) broken.push('the run says that it is complete, and it is not')
  if (!done && world.host.merged()) broken.push('merged before all was done')
  if (world.git.lost.length > 0) broken.push(`lost: ${world.git.lost.join(', ')}`)
  return broken
}

const limits: readonly FailureClass[] = ['usage-limit', 'rate-limit']
const transient: readonly FailureClass[] = ['overloaded', 'network']

/** Attempts beyond what the configuration allows one WP; limits aside, which time bounds, and what a stop interrupted. */
export function beyondBounds(record: WpRecord, config: Config, personsMoves: number): readonly string[] {
  const broken: string[] = []
  const { max_retries, fallback_strategy } = config.agents
  const round = 1 + max_retries
  const failures = { next_in_list: round, same_agent: 2 * round, fail: 1 }[fallback_strategy]
  const agents = new Set([...config.agents.implementation, ...config.agents.review]).size
  if (record.cycle > config.review.max_cycles + personsMoves) broken.push(`P8: cycle ${record.cycle}`)
  for (const role of roles) {
    for (let cycle = 1; cycle <= record.cycle; cycle += 1) {
      const classes = record.attempts
        .filter(attempt => attempt.role === role && attempt.cycle === cycle)
        .flatMap(({ result }) => (result === null || result.kind === 'interrupted' ? [] : [result]))
        .map(result => (result.kind === 'failed' ? result.failure.class : 'succeeded'))
      const count = (list: readonly string[]) => classes.filter(name => list.includes(name)).length
      const waits = count(transient)
      const paid = classes.length - count(limits) - waits
      // Each agent's failures and one that ends it at once; the host's refusals, each after a success; the success.
      const most = agents * (failures + 1) + 3 + 1
      const told = `of the ${role} in cycle ${cycle} of ${record.wpId}`
      if (paid > most) broken.push(`P8: ${paid} attempts ${told}, at most ${most}: ${classes.join(', ')}`)
      const mostWaits = agents * (5 * failures + 2 * 4)
      if (waits > mostWaits) broken.push(`P8: ${waits} times without a network ${told}, at most ${mostWaits}`)
    }
  }
  return broken
}

/** A look for every end of a WP, every due wait and every half minute, and one read back for every failed call. */
export function mostReads(world: World, elapsedMs: number, personsMoves: number): number {
  const starts = world.events.flatMap(event => (event.type === 'looked' ? event.ready : [])).length
  const waits = world.events.filter(event => event.type === 'wp-waiting').length
  // One before each move that the host would grant to a WP which someone else has moved.
  const moves = world.host.events.filter(
    ({ from, to }) => to === 'blocked' || (from === 'in_review' && to === 'in_progress'),
  )
  // A second look confirms that a person moved a WP; if the WP went on meanwhile, both are repeated.
  const confirming = 3 * personsMoves
  return 2 + starts + waits + Math.ceil(elapsedMs / 30_000) + world.host.failures() + moves.length + confirming
}
