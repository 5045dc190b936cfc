import type { CustomAgentDefinition } from '../config/custom-section.ts'
import { type AgentId, isAgentId } from '../core/ids.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import type { Agent } from '../run/attempts/agent.ts'
import { augment } from './adapters/augment.ts'
import { claudeCode } from './adapters/claude-code.ts'
import { codex } from './adapters/codex.ts'
import { copilot } from './adapters/copilot.ts'
import { cursor } from './adapters/cursor.ts'
import { gemini } from './adapters/gemini.ts'
import { kilocode } from './adapters/kilocode.ts'
import { letta } from './adapters/letta.ts'
import { opencode } from './adapters/opencode.ts'
import { pi } from './adapters/pi.ts'
import { qwen } from './adapters/qwen.ts'
import { createCustomAgent } from './custom/custom.ts'

/** To add an agent: a file beside this one, a line here, and recorded output in fixtures/agents/<id>/. */
export const builtInAgents: readonly Agent[] = [
  claudeCode,
  codex,
  copilot,
  gemini,
  qwen,
  opencode,
  kilocode,
  augment,
  cursor,
  pi,
  letta,
]

export function isBuiltIn({ id }: Pick<Agent, 'id'>): boolean {
  return builtInAgents.some(agent => agent.id === id)
}

/** The built-in agents and the user's own (`agents.custom`), which cannot use a built-in's name. */
export function createRegistry(custom: Readonly<Record<string, CustomAgentDefinition>>): ReadonlyMap<AgentId, Agent> {
  const registry = new Map(builtInAgents.map(agent => [agent.id, agent]))
  for (const [id, definition] of Object.entries(custom)) {
    if (!isAgentId(id) || registry.has(id)) {
      throw new OrchestratorError({
        code: 'config-invalid',
        exitCode: exitCodes.usage,
        message: `agents.custom.${id}: ${isAgentId(id) ? 'a built-in agent has this name' : 'not a valid agent id'}`,
        hint: 'rename it: lower-case letters, digits and hyphens, a letter first, and not the name of a built-in agent',
      })
    }
    registry.set(id, createCustomAgent(id, definition))
  }
  return registry
}
