import { type DetectedAgent, versionWarning } from '../../agents/detect/detect.ts'
import { isBuiltIn } from '../../agents/registry.ts'
import type { Config } from '../../config/schema.ts'
import { nextWords } from '../../core/next-command.ts'
import { roles } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import type { Agent } from '../../run/attempts/agent.ts'
import { preferenceOrder, reasonAgainst, reviewerIsReadOnly } from '../../run/attempts/agent-pool.ts'
import { jsonOf, lookAtAgents } from '../shared/look-at-agents.ts'
import { openAgentsAnywhere } from '../shared/open-project.ts'
import { agentsTable, type ListedAgent } from '../terminal/agents-table.ts'
import { terminalColumns, writeOut } from '../terminal/output.ts'

/** Lists every agent, built in or configured; outside a project only the built-in ones. Costs nothing. */
export async function agentsCommand(options: {
  readonly repoRoot?: string
  readonly json?: boolean
}): Promise<ExitCode> {
  const { config, fromHost, env, registry } = await openAgentsAnywhere(options)
  const agents = [...registry.values()]
  const found = await lookAtAgents(agents, 'version-and-sign-in', { env, config })
  const listed = agents.flatMap((agent, index) => {
    const detected = found[index]
    return detected ? [{ agent, shown: list(agent, detected, config) }] : []
  })
  if (options.json) {
    writeOut(`${JSON.stringify({ agents: listed.map(({ agent, shown }) => jsonAgent(agent, shown)) })}\n`)
    return exitCodes.ok
  }
  const warnings = listed.flatMap(({ agent, shown }) => versionWarning(agent, shown) ?? [])
  const shown = agentsTable(
    listed.map(one => one.shown),
    terminalColumns(),
  )
  const lines = [
    ...fromHost.roles.map(role => `The agents of the ${role} are from agents.available of .kittify/config.yaml.`),
    ...fromHost.problems.map(problem => `warning: .kittify/config.yaml: ${problem}`),
    ...warnings.map(({ message, next }) => `warning: ${message}${nextWords(next)}`),
  ]
  writeOut(`${[shown, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n')}\n`)
  return exitCodes.ok
}

function list(agent: Agent, detected: DetectedAgent, config: Config | null): ListedAgent {
  const uses = roles.flatMap(role => {
    if (!config || reasonAgainst(agent, role, config, () => null) !== null) return []
    const index = preferenceOrder(config, role).indexOf(agent.id)
    return index < 0 ? [] : [{ role, place: index + 1 }]
  })
  return {
    ...detected,
    builtIn: isBuiltIn(agent),
    roles: agent.roles,
    reviewerIsReadOnly: config ? reviewerIsReadOnly(agent, config) : agent.reviewerIsReadOnly,
    enabled: config?.agents.settings[agent.id]?.enabled ?? true,
    uses,
  }
}

function jsonAgent(agent: Agent, listed: ListedAgent) {
  const { builtIn, roles, reviewerIsReadOnly, enabled, uses, ...detected } = listed
  return {
    ...jsonOf(agent, detected),
    builtIn,
    installed: listed.program !== null,
    roles,
    reviewerIsReadOnly,
    enabled,
    uses,
  }
}
