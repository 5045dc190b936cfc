import { systemClock } from '../../clock.ts'
import type { LaneId, WpId } from '../../core/ids.ts'
import { planOf } from '../../core/plan.ts'
import { roles } from '../../core/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { untrackOwnFiles } from '../../git/own-files.ts'
import type { Repository } from '../../git/repository.ts'
import { createWorkspace } from '../../git/workspace.ts'
import type { HostClient } from '../../host/client.ts'
import { table } from '../../report/format.ts'
import { lackingWords } from '../../report/project-event.ts'
import { preferenceOrder, reasonAgainst } from '../../run/agent-pool.ts'
import type { Mission } from '../../run/look.ts'
import { whatMissionLacks } from '../../run/mission-fields.ts'
import { checkAgents, checkHost, checkMission, checkSelection, findMission } from '../../run/preflight.ts'
import { resolveLanes } from '../../run/resolve-lanes.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { withHintAfterAbort } from '../hint-after-abort.ts'
import { versionWarnings } from '../look-at-agents.ts'
import { type Agents, checkHostIdentity, openAgents, openHost, openProject, type Project } from '../open-project.ts'
import { writeOut } from '../output.ts'
import { storedRun } from '../stored-run.ts'

export interface PlanOptions {
  readonly repoRoot?: string
  readonly config?: string
  readonly mission?: string
  readonly json?: boolean
}

interface CheckResult {
  readonly check: string
  /** True with a hint: a warning. */
  readonly ok: boolean
  readonly detail: string
  readonly hint: string | null
}

export async function planCommand(options: PlanOptions): Promise<ExitCode> {
  return showPlan(await openProject(options, {}), options.mission, options.json ?? false)
}

/** Reads only. The exit code is that of the first check that failed, as the run itself would end with it. */
export async function showPlan(
  project: Project,
  handle: string | undefined,
  json: boolean,
  wps: readonly WpId[] = [],
): Promise<ExitCode> {
  const { repository, config } = project
  const agents = openAgents(config)
  const host = openHost(repository, config)
  const versions = versionWarnings(config, agents)
  const checks: CheckResult[] = []
  let exitCode: ExitCode = exitCodes.ok
  const check = async <T>(name: string, run: () => Promise<T> | T, say: (value: T) => string): Promise<T | null> => {
    try {
      const value = await withHintAfterAbort(repository.kittify, async () => run())
      checks.push({ check: name, ok: true, detail: say(value), hint: null })
      return value
    } catch (error) {
      if (!(error instanceof OrchestratorError)) throw error
      checks.push({ check: name, ok: false, detail: error.message, hint: error.hint })
      if (exitCode === exitCodes.ok) exitCode = error.exitCode
      return null
    }
  }
  await check(
    'repository',
    () => repository,
    found => `${found.root} on ${found.branch ?? 'a detached HEAD'}`,
  )
  await check(
    'identity',
    () => checkHostIdentity(repository, config),
    name => `the host commits as ${name}`,
  )
  await check(
    'run',
    () => checkNoRun(repository.kittify),
    () => 'no other run is on disk',
  )
  await check(
    'agents',
    () => checkAgents(config, agents.registry, agents.unavailable),
    () => agentLine(project, agents),
  )
  const contract = await check(
    'host',
    () => checkHost(host),
    version => `${config.host.command}, contract ${version}`,
  )
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
      async () => ({ wpFile: await checkMission({ host, repository, mission: found }) }),
      () => 'can be allocated',
    )
    const wpIds = found.nodes.map(node => node.wpId)
    const asked = { mission: found.slug, ports: { host, clock: systemClock }, stopping: new AbortController().signal }
    const lanes = sound === null ? [] : await resolveLanes(asked, wpIds)
    for (const [wpId, lane] of lanes) if (lane.kind === 'known') laneIds.set(wpId, lane.laneId)
  }
  if (found) checks.push(...(await projectWarnings(repository, host, found)))
  for (const { message, hint } of await versions) checks.push({ check: 'version', ok: true, detail: message, hint })
  if (json) writeOut(`${JSON.stringify({ checks, ...(found ? jsonPlan(found, laneIds) : {}) })}\n`)
  else writeOut(`${[...(found ? planLines(found, laneIds, project, agents) : []), ...checkLines(checks)].join('\n')}\n`)
  return exitCode
}

/** What ends a run badly hours later, and can be put right now. */
async function projectWarnings(repository: Repository, host: HostClient, mission: Mission): Promise<CheckResult[]> {
  const { root, branch } = repository
  const warn = (check: string, detail: string, hint: string): CheckResult => ({ check, ok: true, detail, hint })
  const tracked = await untrackOwnFiles(root)
  const ports = { host, clock: systemClock, workspace: createWorkspace(root) }
  const lacking = await whatMissionLacks(ports, mission, branch, null)
  return [
    ...(tracked ? [warn('git', 'it tracks state of sko, and the host refuses to merge while it does', tracked)] : []),
    ...(lacking ? [warn('mission', lackingWords(lacking.fields), lacking.next)] : []),
  ]
}

async function checkNoRun(kittify: string): Promise<void> {
  const owner = readRunLock(kittify)
  const state = await storedRun(kittify)
  if (!owner && state?.phase !== 'running') return
  throw new OrchestratorError({
    code: owner ? 'run-locked' : 'run-unfinished',
    exitCode: owner ? exitCodes.locked : exitCodes.usage,
    message: `run ${owner?.runId ?? state?.runId} is ${owner ? 'at work' : 'not finished'}`,
    hint: owner ? 'sko status shows it' : 'go on with it: sko resume   or end it: sko abort',
  })
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

function agentLine({ config }: Project, { registry, unavailable }: Agents): string {
  return roles
    .map(role => {
      const names = preferenceOrder(config, role).map(id => {
        const agent = registry.get(id)
        const reason = agent ? reasonAgainst(agent, role, config, unavailable) : 'unknown'
        return reason ? `${id} (${reason})` : id
      })
      return `${role}: ${names.join(', ')}`
    })
    .join('; ')
}

function checkLines(checks: readonly CheckResult[]): string[] {
  return checks.map(
    ({ check, ok, detail, hint }) =>
      `${ok ? (hint ? 'warn' : 'ok  ') : 'FAIL'} ${check}: ${detail}${hint ? `\n       ${hint}` : ''}`,
  )
}
