import type { WpId } from '../../core/ids.ts'

/** One call of the host: where the time of a run goes. Only programs read it. */
export interface HostCalled {
  readonly type: 'host-call'
  readonly command: string
  /** null: it is about the whole mission. */
  readonly wpId: WpId | null
  readonly mutates: boolean
  readonly ok: boolean
  /** ISO 8601; calls before `run-started` are reported right after it. */
  readonly startedAt: string
  /** From the start of its process to its end, without the wait for a free processor or for the warm host. */
  readonly milliseconds: number
  /** Made by the process that keeps the host imported. */
  readonly warm: boolean
}
