import { type GraphNode, graphProblems } from '../core/graph.ts'
import { isWpId } from '../core/ids.ts'
import { laneName, parseLane } from '../core/lane.ts'
import type { WorkPackage } from '../core/work-package.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { checkSummary } from '../host/check-summary.ts'
import type { HostClient, MissionState } from '../host/client.ts'
import type { HostFailure } from '../host/outcome.ts'

export interface Mission {
  /** Full slug. */
  readonly slug: string
  readonly nodes: readonly GraphNode[]
}

/** The mission as the host sees it now: one read. Ends the run when the host cannot tell or its answer makes no sense. */
export async function look(
  host: HostClient,
  mission: string,
  given?: Awaited<ReturnType<HostClient['missionState']>>,
): Promise<Mission> {
  const answer = given ?? (await host.missionState({ mission }))
  if (!answer.ok) throw hostError(answer, 'sko status shows the mission as the host sees it')
  const { mission_slug: slug } = answer.data
  const problem = checkSummary(answer.data)
  if (problem) {
    throw new OrchestratorError({
      code: 'mission-state-inconsistent',
      exitCode: exitCodes.host,
      message: problem,
      hint: `git worktree prune && git worktree add .worktrees/${slug}-coord kitty/mission-${slug} && sko resume`,
    })
  }
  return { slug, nodes: nodesOf(answer.data) }
}

export function withLane(mission: Mission, { wpId, lane }: WorkPackage): Mission {
  return { ...mission, nodes: mission.nodes.map(node => (node.wpId === wpId ? { ...node, lane } : node)) }
}

export function countLanes(nodes: readonly GraphNode[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { lane } of nodes) counts.set(laneName(lane), (counts.get(laneName(lane)) ?? 0) + 1)
  return Object.fromEntries(counts)
}

function nodesOf(state: MissionState): readonly GraphNode[] {
  const nodes = state.work_packages.map(wp => {
    if (!isWpId(wp.wp_id)) throw unsound(`the host names a work package ${JSON.stringify(wp.wp_id)}`)
    const dependencies = wp.dependencies.filter(isWpId)
    const odd = wp.dependencies.find(dependency => !isWpId(dependency))
    if (odd !== undefined) throw unsound(`${wp.wp_id} depends on ${JSON.stringify(odd)}, which is no work package id`)
    return { wpId: wp.wp_id, lane: parseLane(wp.lane), dependencies }
  })
  const [problem] = graphProblems(nodes)
  if (problem?.kind === 'cycle') throw unsound(`the dependencies go in a circle: ${problem.path.join(' -> ')}`)
  if (problem) throw unsound(`${problem.wpId} depends on ${problem.dependency}, which the mission does not have`)
  return nodes
}

function unsound(message: string): OrchestratorError {
  return new OrchestratorError({
    code: 'mission-unsound',
    exitCode: exitCodes.usage,
    message,
    hint: 'mend the dependencies in the mission and run `spec-kitty agent mission finalize-tasks` again',
  })
}

/** A host failure that ends the run, with what to do about it. */
export function hostError(failure: HostFailure, hint: string): OrchestratorError {
  const hints: Partial<Record<HostFailure['code'], string>> = {
    'host-missing':
      'install spec-kitty-cli (pip install spec-kitty-cli), or set host.command in .kittify/orchestrator.yaml',
    'host-timed-out': 'try the same call by hand; host.timeout_seconds in .kittify/orchestrator.yaml sets the limit',
    'host-killed': 'something ended the host, such as the system for want of memory: run the same command again',
    'project-outdated': 'run `spec-kitty upgrade` in the repository',
    'host-outdated': 'upgrade spec-kitty-cli: the project was made by a newer one',
    'host-defect': 'this is a defect of the host; the same call by hand shows the whole traceback',
    'call-failed': 'make room, or raise the limit that the message names',
    'host-garbage': 'is host.command really spec-kitty? Try: spec-kitty orchestrator-api contract-version',
  }
  return new OrchestratorError({
    code: failure.code,
    exitCode: exitCodes.host,
    message: failure.message,
    hint: hints[failure.code] ?? hint,
  })
}
