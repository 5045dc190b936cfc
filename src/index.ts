/** Public entry: the host client and its schemas, for authors of other orchestrators. */

export { isWpId, type WpId } from './core/ids.ts'
export { type ContractCheck, checkContract, supportedContract } from './host/answer/contract.ts'
export { type Envelope, envelopeSchema } from './host/answer/envelope.ts'
export { createHostClient, type HostCallRecord, type HostClientOptions } from './host/client.ts'
export type { MarkedSubtasks } from './run/host/answers.ts'
export * from './run/host/answers.ts'
export * from './run/host/commands.ts'
export type { HostClient } from './run/host/host-client.ts'
export {
  type HostErrorCode,
  type HostFailure,
  type HostFaultCode,
  type HostOutcome,
  type HostRefusalCode,
  hostFaultCodes,
  hostRefusalCodes,
} from './run/host/host-outcome.ts'
export * from './run/host/input.ts'
export { type Policy, policyProblem, policySchema } from './run/host/policy.ts'
export { checkSummary } from './run/mission/check-summary.ts'
