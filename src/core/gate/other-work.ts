import type { WpId } from '../ids.ts'

/** What the work of a WP is merged with. */
export interface OtherWork {
  readonly commit: string
  readonly branch: string
  /** Empty: the target. */
  readonly wpIds: readonly WpId[]
}
