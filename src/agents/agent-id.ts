import { type AgentId, isAgentId } from '../core/ids.ts'

/** For ids in the source; an id from a user goes through `isAgentId`. */
export function agentId(text: string): AgentId {
  if (!isAgentId(text)) throw new Error(`not an agent id: ${text}`)
  return text
}
