import { whileUnfinished } from '../../core/next-command.ts'
import { roles } from '../../core/work-package/work-package.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { untrackOwnFiles } from '../../git/main/own-files.ts'
import { refuseUnmergeable } from '../../git/unmergeable.ts'
import { preferenceOrder, reasonAgainst } from '../../run/attempts/agent-pool.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { checkAgents, checkHost } from '../running/preflight.ts'
import { checkSigning, keyInRepository } from '../shared/check-signing.ts'
import { type Agents, checkHostIdentity, type Project } from '../shared/open-project.ts'
import { storedRun } from '../shared/stored-run.ts'
import { type CheckResult, type Checks, warn } from './checks.ts'
import { configuredChecks } from './configured-checks.ts'

export interface CheckedProject {
  readonly project: Project
  readonly agents: Agents
  readonly host: HostClient
}

/** The checks that do not depend on the mission. Returns the host's contract version; null when it cannot be used. */
export async function checkProject(checks: Checks, { project, agents, host }: CheckedProject): Promise<string | null> {
  const { check, add } = checks
  const { repository, config } = project
  await check(
    'repository',
    async () => {
      await refuseUnmergeable(repository.root)
      return repository
    },
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
    () => 'no other run is unfinished',
  )
  await check(
    'agents',
    () => checkAgents(config, agents.registry, agents.unavailable),
    () => agentLine(project, agents),
  )
  for (const configured of await configuredChecks(repository.root, config)) add(configured)
  await checkRecords(checks, { project, agents })
  return check(
    'host',
    () => checkHost(host),
    version => `${config.host.command}, contract ${version}`,
  )
}

/** Whether review records can be signed as configured. */
async function checkRecords(
  { check, add }: Checks,
  { project: { repository, config }, agents }: Omit<CheckedProject, 'host'>,
): Promise<void> {
  await check(
    'record',
    () => checkSigning(repository, config, agents.env),
    keyid => (keyid === null ? 'review records are not signed (record.sign)' : `review records are signed by ${keyid}`),
  )
  const inside = keyInRepository(repository, config)
  if (inside === null) return
  const detail = `the signing key ${inside} is inside the repository, where an agent can come across it`
  add({ ...warn('record', detail, []), hint: 'move it out, and name its new place in record.sign' })
}

export async function ownFilesWarning(root: string): Promise<readonly CheckResult[]> {
  const tracked = await untrackOwnFiles(root)
  return tracked
    ? [
        warn('git', 'it tracks state files of sko, and the host refuses to merge while it does', [
          { command: tracked, why: 'takes it out of git; the files stay' },
        ]),
      ]
    : []
}

async function checkNoRun(kittify: string): Promise<void> {
  const owner = readRunLock(kittify)
  const state = await storedRun(kittify)
  if (!owner && state?.phase !== 'running') return
  throw new OrchestratorError({
    code: owner ? 'run-locked' : 'run-unfinished',
    exitCode: owner ? exitCodes.locked : exitCodes.usage,
    message: `run ${owner?.runId ?? state?.runId} is ${owner ? 'running' : 'not finished'}`,
    next: owner ? [{ command: 'sko status', why: 'shows it' }] : whileUnfinished,
  })
}

/** Roles whose agents are the host's say so. */
export function agentLine({ config, fromHost }: Project, { registry, unavailable }: Agents): string {
  return roles
    .map(role => {
      const names = preferenceOrder(config, role).map(id => {
        const agent = registry.get(id)
        const reason = agent ? reasonAgainst(agent, role, config, unavailable) : 'unknown'
        return reason ? `${id} (${reason})` : id
      })
      const origin = fromHost.roles.includes(role) ? ' (agents.available of .kittify/config.yaml)' : ''
      return `${role}: ${names.join(', ')}${origin}`
    })
    .join('; ')
}
