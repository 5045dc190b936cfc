import { join } from 'node:path'
import { findBinary } from '../../agents/detect/find-binary.ts'
import { builtInAgents } from '../../agents/registry.ts'
import { readConfigFile } from '../../config/read-file.ts'
import type { Config } from '../../config/schema.ts'
import { type HostAgents, hostAgentsIn } from '../../core/agent/host-keys.ts'
import { type Role, roles } from '../../core/work-package/work-package.ts'

/** What the host's `.kittify/config.yaml` gave to the configuration. */
export interface FromHost {
  /** The roles whose agents are those of `agents.available`, because our configuration names none. */
  readonly roles: readonly Role[]
  /** Why some of it is not used. */
  readonly problems: readonly string[]
}

export const nothingFromHost: FromHost = { roles: [], problems: [] }

/**
 * The configuration with the host's agents where ours names none, as far as they are installed. `load`: with these agents
 * as the default.
 */
export async function withHostAgents(
  { repoRoot, path }: { readonly repoRoot: string; readonly path: string },
  load: (agents: readonly string[]) => Promise<Config>,
): Promise<{ readonly config: Config; readonly fromHost: FromHost }> {
  const plain = await load([])
  const { ids, problems } = await read(repoRoot)
  const installed = ids.filter(id => builtInAgents.some(agent => agent.id === id && findBinary(agent, path) !== null))
  if (installed.length === 0) return { config: plain, fromHost: { roles: [], problems } }
  const config = await load(installed).catch(() => null)
  if (config === null) {
    const why = `agents.available (${installed.join(', ')}) is not used: our own configuration does not allow these agents alone`
    return { config: plain, fromHost: { roles: [], problems: [...problems, why] } }
  }
  const differs = (role: Role) => config.agents[role].join() !== plain.agents[role].join()
  return { config, fromHost: { roles: roles.filter(differs), problems } }
}

async function read(repoRoot: string): Promise<HostAgents> {
  const content = await readConfigFile(join(repoRoot, '.kittify', 'config.yaml'))
  if (content.kind === 'missing') return { ids: [], problems: [] }
  if (content.kind === 'refused') return { ids: [], problems: [`it is not read: ${content.reason}`] }
  const { readYaml } = await import('../../config/yaml-source.ts')
  const source = readYaml(content.text)
  if (source.ok) return hostAgentsIn(source.root)
  const [first] = source.problems
  return { ids: [], problems: [`it is not read: line ${first?.place}: ${first?.text}`] }
}
