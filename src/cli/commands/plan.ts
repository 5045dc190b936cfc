import { systemClock } from '../../clock.ts'
import { table } from '../../core/format.ts'
import type { LaneId, WpId } from '../../core/ids.ts'
import { planOf } from '../../core/mission/plan.ts'
import type { ExitCode } from '../../errors.ts'
import { nameCheckout } from '../../git/main/main-checkout.ts'
import type { Repository } from '../../git/repository.ts'
import { createWorkspace } from '../../git/worktree/workspace.ts'
import { lackingWords, strategyNotUsed } from '../../run/events/project-event.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import type { Mission } from '../../run/mission/look.ts'
import { whatMissionLacks } from '../../run/mission/mission-fields.ts'
import { resolveLanes } from '../../run/mission/resolve-lanes.ts'
import { type CheckResult, checkLines, createChecks, warn } from '../doctor/checks.ts'
import { agentLine, checkProject, ownFilesWarning } from '../doctor/project-checks.ts'
import { findMission } from '../running/find-mission.ts'
import { checkMission, checkSelection } from '../running/preflight.ts'
import { withHintAfterAbort } from '../shared/hint-after-abort.ts'
import { versionWarnings } from '../shared/look-at-agents.ts'
import { type Agents, openAgents, openHost, openProject, type Project, warmHostFor } from '../shared/open-project.ts'
import { writeOut } from '../terminal/output.ts'

export interface PlanOptions {
  readonly repoRoot?: string
  readonly config?: string
  readonly mission?: string
  readonly json?: boolean
}

export async function planCommand(options: PlanOptions): Promise<ExitCode> {
  return showPlan(await openProject(options, []), options.mission, options.json ?? false)
}

/** Reads only. Returns the exit code of the first check that failed; a run would end with the same one. */
export async function showPlan(
  project: Project,
  handle: string | undefined,
  json: boolean,
  wps: readonly WpId[] = [],
): Promise<ExitCode> {
  const warm = warmHostFor(project.repository, project.config)
  try {
    return await show(project, openHost(project.repository, project.config, warm), handle, json, wps)
  } finally {
    warm?.close()
  }
}

async function show(
  project: Project,
  host: HostClient,
  handle: string | undefined,
  json: boolean,
  wps: readonly WpId[],
): Promise<ExitCode> {
  const { repository, config } = project
  const agents = openAgents(config)
  const versions = versionWarnings(config, agents)
  const checks = createChecks(run => withHintAfterAbort(repository.kittify, run))
  const { check } = checks
  const contract = await checkProject(checks, { project, agents, host })
  const found =
    contract === null
      ? null
      : await check(
          'mission',
          () => findMission(host, handle, repository),
          m => m.slug,
        )
  const laneIds = new Map<WpId, LaneId>()
  if (found && wps.length > 0)
    await check(
      '--wp',
      () => checkSelection(found, wps),
      () => wps.join(', '),
    )
  if (found) {
    const sound = await check(
      'lanes',
      async () => ({
        wpFile: await checkMission({
          host,
          repository,
          mission: found,
          strategy: config.finish.merge,
          wantsFile: false,
        }),
      }),
      () => 'can be allocated',
    )
    const wpIds = found.nodes.map(node => node.wpId)
    const asked = { mission: found.slug, ports: { host, clock: systemClock }, stopping: new AbortController().signal }
    const lanes = sound === null ? [] : await resolveLanes(asked, wpIds)
    for (const [wpId, lane] of lanes) if (lane.kind === 'known') laneIds.set(wpId, lane.laneId)
  }
  if (found) for (const warning of await projectWarnings(repository, host, found)) checks.add(warning)
  for (const reason of project.fromHost.problems) checks.add(warn('agents', `.kittify/config.yaml: ${reason}`, []))
  if (project.strategyProblem !== null)
    checks.add(warn('merge', strategyNotUsed(project.strategyProblem, config.finish.merge), []))
  for (const { message, next } of await versions) checks.add(warn('version', message, next))
  const { results } = checks
  if (json) writeOut(`${JSON.stringify({ checks: results, ...(found ? jsonPlan(found, laneIds) : {}) })}\n`)
  else
    writeOut(`${[...(found ? planLines(found, laneIds, project, agents) : []), ...checkLines(results)].join('\n')}\n`)
  return checks.exitCode()
}

/** Problems that would end a run hours later and can be fixed now. */
async function projectWarnings(repository: Repository, host: HostClient, mission: Mission): Promise<CheckResult[]> {
  const { root, branch } = repository
  const apart = await nameCheckout(root)
  const ports = { host, clock: systemClock, workspace: createWorkspace(root) }
  const lacking = await whatMissionLacks(ports, mission, branch, null)
  return [
    ...(await ownFilesWarning(root)),
    ...(apart
      ? [
          warn('git', 'git keeps its folder elsewhere, where a host merge would look', [
            { command: apart, why: 'names the checkout in the settings of git' },
          ]),
        ]
      : []),
    ...(lacking ? [warn('mission', lackingWords(lacking.fields), [lacking.next])] : []),
  ]
}

function jsonPlan(mission: Mission, laneIds: ReadonlyMap<WpId, LaneId>) {
  return { mission: mission.slug, ...planOf(mission.nodes, laneIds) }
}

function planLines(mission: Mission, laneIds: ReadonlyMap<WpId, LaneId>, project: Project, agents: Agents): string[] {
  const plan = planOf(mission.nodes, laneIds)
  const rows = plan.workPackages.map(wp => [
    wp.wave === 0 ? '-' : String(wp.wave),
    wp.wpId,
    wp.lane,
    wp.laneId ?? '-',
    wp.waitsFor ? `waits for ${wp.waitsFor}` : '',
  ])
  return [
    `Mission ${mission.slug}, at most ${project.config.max_concurrent_wps} work packages at once`,
    '',
    table([['wave', 'WP', 'lane', 'lane worktree', ''], ...rows]),
    '',
    `Critical path: ${plan.criticalPath.join(' -> ') || 'nothing is left to do'}`,
    `Agents: ${agentLine(project, agents)}`,
    '',
  ]
}
