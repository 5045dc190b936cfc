import { findBinary } from '../../agents/detect/find-binary.ts'
import { builtInAgents, createRegistry } from '../../agents/registry.ts'
import { loadConfig } from '../../config/load.ts'
import type { Override } from '../../config/overrides.ts'
import type { Config } from '../../config/schema.ts'
import type { AgentId } from '../../core/ids.ts'
import { nextLine } from '../../core/next-command.ts'
import { OrchestratorError } from '../../errors.ts'
import { checkIdentity } from '../../git/main/identity.ts'
import { whyGitIsElsewhere } from '../../git/main/main-trouble.ts'
import { findRepository, type Repository } from '../../git/repository.ts'
import { createHostClient, type HostClientOptions } from '../../host/client.ts'
import { hostProgram } from '../../host/program.ts'
import { hostEnvironment } from '../../host/sharp-edges.ts'
import { openWarmHost, type WarmHost } from '../../host/warm/warm-host.ts'
import { runMarker } from '../../local/agent-runner.ts'
import type { Agent } from '../../run/attempts/agent.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import { type FromHost, nothingFromHost, withHostAgents } from '../project/host-agents.ts'
import { readsOf } from '../running/shutdown.ts'

/** What every command starts with: the repository and its configuration. */
export interface Project {
  readonly repository: Repository
  readonly config: Config
  readonly fromHost: FromHost
  /** Why `merge.strategy` of the host is not used for a merge that names no strategy; null: nothing is wrong. */
  readonly strategyProblem: string | null
}

export interface ProjectOptions {
  readonly repoRoot?: string | undefined
  readonly config?: string | undefined
}

export const knownAgents: readonly string[] = builtInAgents.map(agent => agent.id)

export async function openProject(options: ProjectOptions, overrides: readonly Override[]): Promise<Project> {
  const repository = await findRepository(options.repoRoot)
  const file = options.config ?? null
  const { root } = repository
  const problems: string[] = []
  const onProblem = (reason: string) => problems.push(reason)
  const load = (defaultAgents: readonly string[]) =>
    loadConfig({ file, repoRoot: root, overrides, knownAgents, defaultAgents, onProblem })
  const loaded = await withHostAgents({ repoRoot: root, path: process.env.PATH ?? '' }, load)
  return { repository, ...loaded, strategyProblem: problems[0] ?? null }
}

/** `warm`: pays from about four calls on. */
export function openHost(repository: Repository, config: Config, warm: WarmHost | null = null): HostClient {
  return createHostClient({ ...hostOptions(repository, config), makeCall: warm?.call })
}

/** The host of a run. Its reads carry the run's marker and end with it; a call that changes something is left to finish. */
export function openHostOfRun(
  repository: Repository,
  config: Config,
  runId: string,
  warm: WarmHost | null,
  onCall: HostClientOptions['onCall'] = () => undefined,
): HostClient {
  const ours = readsOf(runId)
  return createHostClient({
    ...hostOptions(repository, config),
    readEnv: { [runMarker]: runId, [ours.name]: ours.value },
    onCall,
    makeCall: warm?.call,
    // Measured: the host would then commit the removal of the planning on the coordination branch.
    whyNoChange: async () => {
      const elsewhere = await whyGitIsElsewhere(repository.root)
      return elsewhere && nextLine(elsewhere)
    },
  })
}

/** Begins to load the host for the calls of a run; null: `host.warm` is off. */
export function warmHostFor(repository: Repository, config: Config): WarmHost | null {
  if (config.host.warm === 'off') return null
  const { command, cwd, env } = hostOptions(repository, config)
  return openWarmHost({ command, cwd, env: hostEnvironment(env, command, cwd) })
}

/** Checked at the start, because git would refuse the host's commits in the middle of the run. Returns the committer. */
export function checkHostIdentity(repository: Repository, config: Config): Promise<string> {
  const { root } = repository
  return checkIdentity(root, hostEnvironment(process.env, config.host.command, root))
}

function hostOptions(repository: Repository, config: Config) {
  return {
    command: hostProgram(config.host.command, repository.root),
    cwd: repository.root,
    actor: config.actor,
    timeoutSeconds: config.host.timeout_seconds,
    env: { ...process.env, SKO_REPO: repository.root },
  }
}

const noProject: readonly string[] = ['not-a-repository', 'no-kittify', 'git-missing']

/** Whether `findRepository` failed because there is no project here. */
export function isOutsideProjects(error: unknown): error is OrchestratorError {
  return error instanceof OrchestratorError && noProject.includes(error.code)
}

/** The agents of the project in this folder. Without a project, and if none was named, the built-in agents. */
export async function openAgentsAnywhere(
  options: ProjectOptions,
): Promise<Agents & { readonly config: Config | null; readonly fromHost: FromHost }> {
  const project = await openProject(options, []).catch(error => {
    if (isOutsideProjects(error) && options.repoRoot === undefined) return null
    throw error
  })
  const config = project?.config ?? null
  return { config, fromHost: project?.fromHost ?? nothingFromHost, ...openAgents(config) }
}

export interface Agents {
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly registry: ReadonlyMap<AgentId, Agent>
  readonly findProgram: (agent: Agent) => string | null
  readonly unavailable: (agent: Agent) => string | null
}

export function openAgents(config: Config | null): Agents {
  const registry = createRegistry(config?.agents.custom ?? {})
  const path = process.env.PATH ?? ''
  const findProgram = (agent: Agent) => findBinary(agent, path)
  return {
    env: process.env,
    registry,
    findProgram,
    unavailable: agent => (findProgram(agent) ? null : `not installed: no ${agent.binaries.join(' or ')} on PATH`),
  }
}
