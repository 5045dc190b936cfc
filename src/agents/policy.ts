import type { Agent, Capabilities } from '../run/attempts/agent.ts'
import { type Policy, refusedWordIn } from '../run/host/policy.ts'
import { isBuiltIn } from './registry.ts'

/** The host's policy metadata. A value that the host would refuse is left out, so that the call does not fail. */
export function policyFor(agent: Agent, capabilities: Capabilities, version: string): Policy {
  return {
    orchestrator_id: 'spec-kitty-orchestrator',
    orchestrator_version: shown(version),
    agent_family: isBuiltIn(agent) ? shown(agent.id) : 'custom',
    approval_mode: shown(capabilities.approvalMode),
    sandbox_mode: shown(capabilities.sandboxMode),
    network_mode: shown(capabilities.networkMode),
    dangerous_flags: capabilities.dangerousFlags.map(shown),
    tool_restrictions: capabilities.toolRestrictions === null ? null : shown(capabilities.toolRestrictions),
  }
}

function shown(value: string): string {
  return refusedWordIn(value) === null ? value : 'withheld'
}
