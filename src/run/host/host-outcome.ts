/** Codes of the host's answers (contract 1.4.0 - 1.5.0, loop commands). */
export const hostRefusalCodes = [
  'USAGE_ERROR',
  'POLICY_METADATA_REQUIRED',
  'POLICY_VALIDATION_FAILED',
  'MISSION_NOT_FOUND',
  'WP_NOT_FOUND',
  'DEPENDENCIES_NOT_SATISFIED',
  'WP_ALREADY_CLAIMED',
  'LANE_ALLOCATION_FAILED',
  'TRANSITION_REJECTED',
  'MISSION_NOT_READY',
  'PREFLIGHT_FAILED',
  'UNSUPPORTED_STRATEGY',
  'CONTRACT_VERSION_MISMATCH',
  'HISTORY_COMMIT_FAILED',
  'ANCESTRY_NOT_ESTABLISHED',
] as const

/** What can go wrong without an answer of the host. */
export const hostFaultCodes = [
  /** The program is missing or cannot be executed. */
  'host-missing',
  /** The call could not be started (no temp folder, descriptors or processes): it had no effect. */
  'call-failed',
  /** No answer in time; the call was ended, whether it took effect is unknown. */
  'host-timed-out',
  /** Ended by a signal from elsewhere; whether it took effect is unknown. */
  'host-killed',
  /** A traceback instead of an answer. */
  'host-defect',
  /** Output that is no envelope, or the envelope of another command, or data of another shape. */
  'host-garbage',
  /** The host protects the branch on which it would record the lanes: no lane of the mission moves. */
  'branch-protected',
  /** Exit 4: the project needs `spec-kitty upgrade`. */
  'project-outdated',
  /** Exit 5: the project was made by a newer host. */
  'host-outdated',
  /** Refused by us before the call: WP id, mission slug or an argument over 128 KiB. */
  'invalid-input',
] as const

export type HostRefusalCode = (typeof hostRefusalCodes)[number]
export type HostFaultCode = (typeof hostFaultCodes)[number]
/** `UNKNOWN_CODE`: a newer host's; its own word is in `hostCode`. */
export type HostErrorCode = HostRefusalCode | HostFaultCode | 'UNKNOWN_CODE'

interface Answered {
  /** The contract that the host names in each answer; absent without one. */
  readonly contract?: string
}

export interface HostFailure extends Answered {
  readonly ok: false
  readonly code: HostErrorCode
  readonly hostCode?: string
  /** One line, safe for a terminal, at most 500 bytes quoted from the host. */
  readonly message: string
  /** As the host sent it, unlike `message` not safe for a terminal. */
  readonly data: Readonly<Record<string, unknown>>
}

export type HostOutcome<T> = ({ readonly ok: true; readonly data: T } & Answered) | HostFailure

export function hostFailure(
  code: HostErrorCode,
  message: string,
  data: Readonly<Record<string, unknown>> = {},
): HostFailure {
  return { ok: false, code, message, data }
}
