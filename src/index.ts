/** Public entry: the host client and its schemas, for people who build their own orchestrator. */
export { isWpId, type WpId } from './core/ids.ts'
export { checkSummary } from './host/check-summary.ts'
export { createHostClient, type HostCallRecord, type HostClient, type HostClientOptions } from './host/client.ts'
export * from './host/commands.ts'
export { type ContractCheck, checkContract, supportedContract } from './host/contract.ts'
export { type Envelope, envelopeSchema } from './host/envelope.ts'
export * from './host/input.ts'
export type { MarkedSubtasks } from './host/mark-subtasks.ts'
export {
  type HostErrorCode,
  type HostFailure,
  type HostFaultCode,
  type HostOutcome,
  type HostRefusalCode,
  hostFaultCodes,
  hostRefusalCodes,
} from './host/outcome.ts'
export { type Policy, policyProblem, policySchema } from './host/policy.ts'
