import type { AgentId } from '../../src/core/ids.ts'
import { satisfiesDependents } from '../../src/core/lane.ts'
import type { EventBody } from '../../src/report/event.ts'
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
}

/** Virtual time between the decision for an agent and its start: what another WP learns in between comes too late. */
const decisionMs = 5_000

export function createWatch(): Watch {
  const broken: string[] = []
  const unusable = new Map<AgentId, { readonly since: number; readonly until: number }>()
  let now = () => 0

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
      if (!satisfiesDependents(world.host.lane(dependency))) broken.push(`${agent.wpId} begins before ${dependency}`)
    }
    const known = unusable.get(agent.agent)
    if (known && known.since + decisionMs < now() && now() < known.until) {
      broken.push(`${agent.agent} is started although it is out or cools down`)
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
    onHostEvent: ({ wpId, from, to, input }, world) => {
      if (from === 'approved' || (to !== 'approved' && to !== 'done')) return
      const worktree = world.git.at(world.host.worktreePath(wpId))
      const commit = head(worktree)
      if (!world.agents.approvals.has(`${wpId} ${commit}`)) broken.push(`P3: ${wpId} ${to} at ${commit} unreviewed`)
      if (worktree.dirtyBy !== null) broken.push(`P3: ${wpId} ${to} with uncommitted work by ${worktree.dirtyBy}`)
      const strange = worktree.commits.find(({ by }) => by.endsWith('review'))
      if (strange) broken.push(`${wpId} ${to}, and ${strange.id} in it was made by a reviewer`)
      if (worktree.checkedOut !== worktree.branch) broken.push(`${wpId} ${to} on ${worktree.checkedOut}`)
      const told = input.evidence?.repos[0]?.commit
      if (to === 'done' && told !== commit) broken.push(`P3: ${wpId} done at ${commit}, but the host was told ${told}`)
    },
  }
}

function dependenciesOf(agent: LiveAgent, world: World) {
  return world.planned.find(({ wpId }) => wpId === agent.wpId)?.dependencies ?? []
}

/** What must be true once the run has ended. */
export function brokenAtEnd(world: World, { standings, finish }: Ended): readonly string[] {
  const broken: string[] = []
  if (world.agents.live.size > 0) broken.push(`${world.agents.live.size} agents outlive the run`)
  for (const { node, reason } of standings) {
    if (!satisfiesDependents(node.lane) && reason === null) broken.push(`${node.wpId} is ${node.lane} without a reason`)
    if (node.lane !== world.host.lane(node.wpId) && !world.host.merged())
      broken.push(`${node.wpId} ends with an old lane`)
  }
  const done = standings.every(({ node }) => satisfiesDependents(node.lane))
  const refused = world.host.failures() > 0
  if (done && !refused && !finish?.complete) broken.push('all is done, and the run says that it is not complete')
  if (!done && finish?.complete) broken.push('the run says that it is complete, and it is not')
  if (!done && world.host.merged()) broken.push('merged before all was done')
  if (world.git.lost.length > 0) broken.push(`lost: ${world.git.lost.join(', ')}`)
  return broken
}

/** A look for every end of a WP, every due wait and every half minute, and one read back for every failed call. */
export function mostReads(world: World, elapsedMs: number): number {
  const starts = world.events.flatMap(event => (event.type === 'looked' ? event.ready : [])).length
  const waits = world.events.filter(event => event.type === 'wp-waiting').length
  return 2 + starts + waits + Math.ceil(elapsedMs / 30_000) + world.host.failures()
}
