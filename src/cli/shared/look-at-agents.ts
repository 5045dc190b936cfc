import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import {
  type Aspect,
  type DetectedAgent,
  detectAgents,
  type VersionWarning,
  versionWarning,
} from '../../agents/detect/detect.ts'
import { testedRange } from '../../agents/detect/version-range.ts'
import type { Config } from '../../config/schema.ts'
import type { Agent } from '../../run/attempts/agent.ts'
import { preferenceOrder, settingsOf } from '../../run/attempts/agent-pool.ts'
import type { Agents } from './open-project.ts'

/** Detects which of these agents are installed, with the environment variables that the configuration sets for them. */
export function lookAtAgents(
  agents: readonly Agent[],
  aspect: Aspect,
  around: { readonly env: Agents['env']; readonly config: Config | null; readonly signal?: AbortSignal },
): Promise<readonly DetectedAgent[]> {
  const { env, config, signal } = around
  const home = homedir()
  return detectAgents(agents, aspect, {
    env,
    home: existsSync(home) ? home : '/',
    ownEnv: agent => (config ? settingsOf(config, agent.id, 'implementation').env : {}),
    ...(signal ? { signal } : {}),
  })
}

/** One warning for each configured agent whose version was not tested. */
export async function versionWarnings(
  config: Config,
  { env, registry }: Agents,
  signal?: AbortSignal,
): Promise<readonly VersionWarning[]> {
  const ids = new Set([...preferenceOrder(config, 'implementation'), ...preferenceOrder(config, 'review')])
  const named = [...registry.values()].filter(({ id }) => ids.has(id) && config.agents.settings[id]?.enabled !== false)
  const found = await lookAtAgents(named, 'version', { env, config, ...(signal ? { signal } : {}) })
  return found.flatMap(detected => {
    const agent = registry.get(detected.id)
    // The answer was cut off by the signal: that does not mean the program is slow.
    const cutOff = signal?.aborted && detected.version.kind === 'no-answer'
    return (agent && !cutOff && versionWarning(agent, detected)) || []
  })
}

/** For `--json`. */
export function jsonOf(agent: Agent, { id, program, version, signedIn }: DetectedAgent) {
  const { testedVersion } = agent.detection
  return {
    id,
    program,
    version: version.kind === 'known' ? version.version : null,
    /** tested, outside, never-run, own; or why it is not known: unknown, no-answer, not-asked. */
    versionStatus: version.kind === 'known' ? version.status : version.kind,
    testedRange: testedVersion && testedRange(testedVersion),
    warning: versionWarning(agent, { version })?.message ?? null,
    signedIn: signedIn.answer,
    signedInBy: signedIn.sign,
  }
}
