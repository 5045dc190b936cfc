import { type AgentId, isAgentId } from '../core/ids.ts'

/** For ids written in the source; what a user wrote goes through `isAgentId`. */
export function agentId(text: string): AgentId {
  if (!isAgentId(text)) throw new Error(`not an agent id: ${text}`)
  return text
}
