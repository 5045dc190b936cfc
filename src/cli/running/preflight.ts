import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { listed } from '../../core/format.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import { withDependencies } from '../../core/mission/graph.ts'
import { satisfiesDependents } from '../../core/mission/lane.ts'
import { startsFromMission } from '../../core/mission/topology.ts'
import { shellWord } from '../../core/text.ts'
import { roles } from '../../core/work-package/work-package.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { isPlannedOnlyOn, plannedBranch } from '../../git/main/planned-files.ts'
import { switchCommand } from '../../git/main/switch-back.ts'
import type { Repository } from '../../git/repository.ts'
import { checkContract, supportedContract } from '../../host/answer/contract.ts'
import type { Agent } from '../../run/attempts/agent.ts'
import { preferenceOrder, reasonAgainst } from '../../run/attempts/agent-pool.ts'
import { orNull } from '../../run/git/git-outcome.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import type { HostErrorCode } from '../../run/host/host-outcome.ts'
import { hostError, type Mission } from '../../run/mission/look.ts'
import { refuseTooManyLanes } from '../../run/mission/resolve-lanes.ts'

/** Refuses a host outside the supported range. Returns its contract version. */
export async function checkHost(host: HostClient): Promise<string> {
  const answer = await host.contractVersion({})
  if (!answer.ok) throw hostError(answer, contractNeeded)
  return supported(answer.data.api_version)
}

/**
 * The first call of a run. The answer names the contract, which is checked before anything else in it is used. Without
 * an answer the host itself may be the cause: then `contract-version`, which reads nothing of the project, tells more.
 */
export async function firstState(host: HostClient, mission: string): ReturnType<HostClient['missionState']> {
  const answer = await host.missionState({ mission })
  if (answer.contract !== undefined) supported(answer.contract)
  else if (!answer.ok && gaveNoAnswer.includes(answer.code)) throw hostError(answer, contractNeeded)
  else if (!answer.ok && answer.code !== 'invalid-input') await checkHost(host)
  return answer
}

/** Another call would only take as long again. */
const gaveNoAnswer: readonly HostErrorCode[] = ['host-timed-out', 'host-killed']

const contractNeeded = `a spec-kitty with contract ${supportedContract} is needed`

function supported(contract: string): string {
  const check = checkContract(contract)
  if (check.ok) return contract
  throw new OrchestratorError({
    code: 'contract-unsupported',
    exitCode: exitCodes.host,
    message: check.message,
    hint: check.hint,
  })
}

interface MissionToCheck {
  readonly host: HostClient
  readonly repository: Repository
  readonly mission: Mission
  /** `finish.merge` */
  readonly strategy: Config['finish']['merge']
  /** Whether the caller wants the file of a WP, for which the host may have to be asked. */
  readonly wantsFile: boolean
}

/**
 * Checks the mission before anything changes. Throws with the reason. Asks the host as little as possible. Returns the
 * path of the file of one WP, if the host was asked for it.
 */
export async function checkMission(asked: MissionToCheck): Promise<string | null> {
  const { host, repository, mission, strategy, wantsFile } = asked
  const wpIds = mission.nodes.map(node => node.wpId)
  const [first] = wpIds
  if (first === undefined) {
    throw usage(
      'mission-empty',
      `mission ${mission.slug} has no work packages`,
      `plan it first with the tasks step of spec-kitty`,
    )
  }
  const ports = { host, clock: systemClock }
  await refuseTooManyLanes({ mission: mission.slug, ports, stopping: new AbortController().signal }, wpIds)
  const open = mission.nodes.find(node => !satisfiesDependents(node.lane))
  const isElsewhere = open !== undefined && !(await isOnItsBranch(repository, mission))
  if (!isElsewhere && !wantsFile && strategy !== 'rebase') return null
  const wpId = open?.wpId ?? first
  const answer = await firstFound(host, mission.slug, [wpId, ...wpIds.filter(other => other !== wpId)])
  if (isElsewhere) await checkBranch(repository, mission, wpId, answer)
  if (strategy === 'rebase' && answer?.ok && startsFromMission(answer.data.lane_base_ref)) throw noRebase(mission)
  return answer?.ok ? answer.data.prompt_path : null
}

/** Git tells this without a call of the host, unless the mission is on several branches. */
async function isOnItsBranch({ root, branch }: Repository, { slug }: Mission): Promise<boolean> {
  return branch !== null && (await isPlannedOnlyOn(root, slug, branch))
}

/**
 * In lanes and legacy topology the host commits to the main checkout. If that is on another branch than the target, or
 * detached, every change ends in a traceback (measured). In coord topology the branch does not matter.
 */
async function checkBranch(
  repository: Repository,
  { slug }: Mission,
  wpId: WpId,
  answer: Awaited<ReturnType<typeof firstFound>>,
): Promise<void> {
  if (answer === null) throw await notPlannedHere(repository, slug, wpId)
  const base = answer.ok ? answer.data.lane_base_ref : undefined
  if (!base || startsFromMission(base) || base === repository.branch) return
  const where = repository.branch ? `on branch ${repository.branch}` : 'not on a branch'
  throw usage(
    'wrong-branch',
    `the mission targets branch ${base}, and the main checkout is ${where}: the host cannot record any change there`,
    await checkOut(repository.root, base),
  )
}

/** Measured (3.2.7): the commits of its records conflict. */
function noRebase({ slug }: Mission): OrchestratorError {
  return usage(
    'no-rebase',
    `the host cannot merge mission ${slug} by rebase, because it keeps the mission in coord topology`,
    'choose merge or squash, with --merge or as finish.merge of .kittify/orchestrator.yaml',
  )
}

/** Tries each WP, because the file of one may have been removed. null: the host finds the file of none. */
async function firstFound(host: HostClient, mission: string, wpIds: readonly WpId[]) {
  for (const wpId of wpIds) {
    const answer = await host.resolveWorkspace({ mission, wpId })
    if (answer.ok || answer.code !== 'WP_NOT_FOUND') return answer
  }
  return null
}

/** Measured on a branch without the planning commits: the host lists all WPs, without dependencies and files. */
async function notPlannedHere({ root, branch }: Repository, mission: string, wpId: WpId): Promise<OrchestratorError> {
  const planned = await plannedBranch(root, mission)
  return usage(
    'wrong-branch',
    `the file of ${wpId} of mission ${mission} is not in the main checkout, which is on ${branch ?? 'a detached HEAD'}`,
    planned !== null && planned !== branch
      ? await checkOut(root, planned)
      : `check out the branch on which the mission was planned in ${root}; then run the same command again`,
  )
}

/** Without a git that can tell what is in the way, the command alone; git then says more to the person who runs it. */
async function checkOut(root: string, branch: string): Promise<string> {
  const command = await orNull(switchCommand(root, branch))
  return command ?? `git -C ${shellWord(root)} checkout ${shellWord(branch)}`
}

/** Each role needs a usable agent; otherwise every WP would end blocked. */
export function checkAgents(
  config: Config,
  registry: ReadonlyMap<AgentId, Agent>,
  unavailable: (agent: Agent) => string | null,
): void {
  for (const role of roles) {
    const order = preferenceOrder(config, role)
    const reasons = order.map(id => {
      const agent = registry.get(id)
      return agent ? reasonAgainst(agent, role, config, unavailable) : 'unknown'
    })
    if (reasons.some(reason => reason === null)) continue
    const found = [...registry.values()].filter(agent => unavailable(agent) === null).map(agent => agent.id)
    throw new OrchestratorError({
      code: 'no-usable-agent',
      exitCode: exitCodes.noAgent,
      message: `no agent can do the ${role}: ${order.map((id, index) => `${id} (${reasons[index]})`).join(', ') || 'none is configured'}`,
      hint: `install one of them, or name another in agents.${role}; found on this machine: ${found.join(', ') || 'none'}`,
    })
  }
}

/** `--wp`: the named WPs and all their dependencies must be in the mission. */
export function checkSelection(mission: Mission, wanted: readonly WpId[]): void {
  const known = new Set(mission.nodes.map(node => node.wpId))
  const unknown = [...withDependencies(mission.nodes, wanted)].filter(wpId => !known.has(wpId))
  if (unknown.length === 0) return
  throw new OrchestratorError({
    code: 'wp-not-found',
    exitCode: exitCodes.usage,
    message: `--wp: the mission has no ${unknown.join(', ')}`,
    hint: `its work packages: ${listed([...known])}`,
  })
}

function usage(code: string, message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code, exitCode: exitCodes.usage, message, hint })
}
