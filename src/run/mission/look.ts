import { isWpId } from '../../core/ids.ts'
import { type GraphNode, graphProblems } from '../../core/mission/graph.ts'
import { laneName, parseLane } from '../../core/mission/lane.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import type { MissionState } from '../host/answers.ts'
import type { HostClient } from '../host/host-client.ts'
import type { HostFailure } from '../host/host-outcome.ts'
import { checkSummary } from './check-summary.ts'
import { cureOfSummary } from './lost-record.ts'

export interface Mission {
  /** Full slug. */
  readonly slug: string
  readonly nodes: readonly GraphNode[]
}

/** The result of one read of the mission. An odd answer has the reason why it cannot be used. */
export type Looked =
  | { readonly kind: 'sound'; readonly mission: Mission }
  | { readonly kind: 'odd'; readonly error: OrchestratorError }

type Answer = Awaited<ReturnType<HostClient['missionState']>>

/** Reads the mission from the host once. Throws when the host fails or its answer makes no sense. */
export async function look(host: HostClient, mission: string, given?: Answer): Promise<Mission> {
  const looked = await lookedFrom(host, mission, given ?? (await host.missionState({ mission })))
  if (looked.kind === 'odd') throw looked.error
  return looked.mission
}

/** `mission`: the name that was asked for. */
export async function lookedFrom(host: HostClient, mission: string, answer: Answer): Promise<Looked> {
  if (!answer.ok) return { kind: 'odd', error: unreadable(mission, answer) }
  const { mission_slug: slug } = answer.data
  const problem = checkSummary(answer.data)
  if (problem) return odd('mission-state-inconsistent', exitCodes.host, problem, await cureOfSummary(host, answer.data))
  const nodes = nodesOf(answer.data)
  if (typeof nodes !== 'string') return { kind: 'sound', mission: { slug, nodes } }
  const hint = `correct 'dependencies' in kitty-specs/${slug}/tasks/WP*.md, then: spec-kitty agent mission finalize-tasks --mission ${slug}`
  return odd('mission-unsound', exitCodes.usage, nodes, hint)
}

/** Measured (3.2.7): a WP file, meta.json or event log that is broken or half-written is a traceback of this call. */
function unreadable(mission: string, answer: HostFailure): OrchestratorError {
  if (answer.code !== 'host-defect') return hostError(answer, 'sko status shows the mission as the host sees it')
  const by = `spec-kitty orchestrator-api mission-state --mission ${mission}`
  return new OrchestratorError({
    code: answer.code,
    exitCode: exitCodes.host,
    message: answer.message,
    hint: `a file in kitty-specs/${mission} may be half-saved or broken: correct it, then run the same command again (${by} shows the whole traceback)`,
  })
}

function odd(code: string, exitCode: ExitCode, message: string, hint: string): Looked {
  return { kind: 'odd', error: new OrchestratorError({ code, exitCode, message, hint }) }
}

export function countLanes(nodes: readonly GraphNode[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { lane } of nodes) counts.set(laneName(lane), (counts.get(laneName(lane)) ?? 0) + 1)
  return Object.fromEntries(counts)
}

/** Returns a text when the WPs cannot be ordered: the reason. */
function nodesOf(state: MissionState): readonly GraphNode[] | string {
  const nodes: GraphNode[] = []
  for (const { wp_id: wpId, lane, dependencies } of state.work_packages) {
    if (!isWpId(wpId)) return `the host names a work package ${JSON.stringify(wpId)}`
    const strange = dependencies.find(dependency => !isWpId(dependency))
    if (strange !== undefined) return `${wpId} depends on ${JSON.stringify(strange)}, which is not a work package id`
    nodes.push({ wpId, lane: parseLane(lane), dependencies: dependencies.filter(isWpId) })
  }
  const [problem] = graphProblems(nodes)
  if (problem?.kind === 'cycle') return `the dependencies form a circle: ${problem.path.join(' -> ')}`
  if (problem) return `${problem.wpId} depends on ${problem.dependency}, which the mission does not have`
  return nodes
}

/** A host failure as the error that ends the run, with a hint. */
export function hostError(failure: HostFailure, hint: string): OrchestratorError {
  const hints: Partial<Record<HostFailure['code'], string>> = {
    'host-missing':
      'install spec-kitty-cli (pip install spec-kitty-cli), or set host.command in .kittify/orchestrator.yaml',
    'host-timed-out': 'try the same call by hand; host.timeout_seconds in .kittify/orchestrator.yaml sets the limit',
    'host-killed': 'the host was killed, for example because memory ran out: run the same command again',
    'project-outdated': 'run `spec-kitty upgrade` in the repository',
    'branch-protected': 'if you may write to this branch: export SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS=1',
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
