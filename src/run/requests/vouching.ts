import type { WpId } from '../../core/ids.ts'
import { vouchingFor } from '../../core/judgement/vouching.ts'
import type { RunStart } from '../../core/mission/finish-progress.ts'
import type { GraphNode } from '../../core/mission/graph.ts'
import { type Lane, laneName, satisfiesDependents } from '../../core/mission/lane.ts'
import { believedAfter, type Trouble, troubleAfter } from '../../core/mission/trouble.ts'
import type { NextCommand } from '../../core/next-command.ts'
import { newRecord, type WpRecord } from '../../core/work-package/work-package.ts'
import type { Mission } from '../mission/look.ts'
import type { Ports } from '../ports.ts'
import type { RunContext } from '../run-context.ts'

type Records = ReadonlyMap<WpId, WpRecord>

/** Which of the WPs that the host calls approved or done sko trusts. */
export interface Vouchings {
  /** WPs that are approved or done without evidence: nothing is built on them, merged or accepted. */
  without(nodes: readonly GraphNode[], known: ReadonlyMap<WpId, WpRecord>): ReadonlySet<WpId>
  /** Reports new ones. A WP that was there at the start and has left its lane since is like any other. */
  look(nodes: readonly GraphNode[], known: Records): Promise<void>
  /** When to look again for a WP that seems to have left its lane, or null. */
  awaited(): number | null
}

export async function beginVouchings(run: RunContext, first: Mission, records: Records): Promise<Vouchings> {
  const reported = new Set<WpId>()
  /** Given WPs that are in another lane according to the last looks. */
  const leaving = new Map<WpId, Trouble>()
  const wasGiven = (wpId: WpId) => Object.hasOwn(run.ports.store.start()?.given ?? {}, wpId)
  // A WP that an attempt of this run has changed is no longer as given.
  const given = (wpId: WpId, known: Records) => wasGiven(wpId) && !known.get(wpId)?.attempts.length
  if (run.ports.store.start() === null) await run.ports.store.saveStart(await whatIsThere(run, first, records))
  const wpIds = first.nodes.map(({ wpId }) => wpId).filter(wpId => given(wpId, records))
  if (wpIds.length > 0) run.ports.report({ type: 'taken-as-given', wpIds })

  const without: Vouchings['without'] = (nodes, known) =>
    new Set(
      nodes
        .filter(({ lane }) => satisfiesDependents(lane))
        .filter(({ wpId }) => vouchingFor(known.get(wpId) ?? newRecord(wpId), given(wpId, known)) === null)
        .map(({ wpId }) => wpId),
    )
  return {
    without,
    awaited: () => (leaving.size === 0 ? null : Math.min(...[...leaving.values()].map(({ askAgainAt }) => askAgainAt))),
    look: async (nodes, known) => {
      const left = nodes.filter(({ wpId, lane }) => wasGiven(wpId) && hasLeft(wpId, lane, leaving, run))
      for (const { wpId } of left) leaving.delete(wpId)
      if (left.length > 0) await forget(run, new Set<string>(left.map(({ wpId }) => wpId)))
      const unvouched = without(nodes, known)
      for (const { wpId, lane } of nodes.filter(node => unvouched.has(node.wpId) && !reported.has(node.wpId))) {
        reported.add(wpId)
        const next = [await confirmCommand(run, wpId)]
        run.ports.report({ type: 'approved-by-others', wpId, lane: laneName(lane), next })
      }
    },
  }
}

/** Only a lane that stays different counts, because one odd look must not remove the record for good. */
function hasLeft(wpId: WpId, lane: Lane, leaving: Map<WpId, Trouble>, { ports }: RunContext): boolean {
  if (satisfiesDependents(lane)) {
    leaving.delete(wpId)
    return false
  }
  const seen = troubleAfter(leaving.get(wpId), 'left', laneName(lane), ports.clock.now())
  leaving.set(wpId, seen)
  return seen.times >= believedAfter
}

/** A WP that this run has worked on and that has no judgement is not taken as given. */
async function whatIsThere(run: RunContext, { nodes }: Mission, records: Records): Promise<RunStart> {
  const { commits } = run.ports
  const answer = await commits.resolveAll(['HEAD', missionBranch(run.mission)])
  const heads = answer.ok ? answer.data : []
  const finished = nodes.filter(({ wpId, lane }) => satisfiesDependents(lane) && !records.get(wpId)?.attempts.length)
  const given = await Promise.all(finished.map(async ({ wpId }) => [wpId, await laneHead(run, wpId)] as const))
  return { commits: heads.filter(head => head !== null), given: Object.fromEntries(given) }
}

async function forget({ ports }: RunContext, gone: ReadonlySet<string>): Promise<void> {
  const { commits = [], given = {} } = ports.store.start() ?? {}
  const kept = Object.entries(given).filter(([wpId]) => !gone.has(wpId))
  await ports.store.saveStart({ commits, given: Object.fromEntries(kept) })
}

/** The branch on which the host merges the lanes and, in coord topology, keeps its records. */
export function missionBranch(mission: string): string {
  return `refs/heads/kitty/mission-${mission}`
}

/** Returns null when it has no lane, or no longer has one. */
export async function laneHead(
  run: Pick<RunContext, 'mission'> & { readonly ports: Pick<Ports, 'host' | 'commits'> },
  wpId: WpId,
): Promise<string | null> {
  const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
  if (!answer.ok || !answer.data.lane_branch) return null
  return run.ports.commits.resolve(`refs/heads/${answer.data.lane_branch}`)
}

/** The command with which a person confirms it as it is now. */
export async function confirmCommand(run: RunContext, wpId: WpId): Promise<NextCommand> {
  const head = (await laneHead(run, wpId)) ?? (await run.ports.commits.resolve('HEAD'))
  return { command: `sko confirm ${wpId} --commit ${head ?? 'HEAD'}`, why: 'once a person has looked at it' }
}
