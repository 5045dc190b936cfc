import { type CustomAgentDefinition, customAgent } from '../../src/config/custom-section.ts'

/** `agents.custom.<id>` as it is loaded when only this is configured. */
export function customDefinition(given: unknown): CustomAgentDefinition {
  return customAgent.parse(given)
}
