import type { RecordFacts } from '../../core/record/make-record.ts'
import type { ReviewRecord } from '../../core/record/review-record.ts'
import type { GitOutcome } from '../git/git-outcome.ts'

/** Signs review records, and stores them in the repository and beside the logs of the run. */
export interface Recorder {
  /** `recordedAt` is now. */
  facts(): Omit<RecordFacts, 'modelOf'>
  /** Stores the record once: a record that says the same is left as it is, and signed if it lacks our signature. */
  store(record: ReviewRecord, parents: readonly string[]): Promise<GitOutcome<StoredRecord>>
  /** Pushes our ref, never by force; the reason when the remote refuses it, or null. */
  share(remote: string): Promise<GitOutcome<string | null>>
}

export interface StoredRecord {
  readonly ref: string
  /** The commit of our ref that has it. */
  readonly commit: string
  /** Its path in the tree of that commit. */
  readonly path: string
  /** The target after the merge. */
  readonly after: string
  /** Absolute path of the copy beside the logs. */
  readonly file: string
  /** Fingerprints of the keys that signed it, and the URI of the workflow of a keyless signature; empty: unsigned. */
  readonly signers: readonly string[]
  /** Why the signature that the configuration asks for is missing; null: it is there, or none is asked for. */
  readonly unsigned: string | null
  /** False: an earlier process of the run had stored it already. */
  readonly isNew: boolean
}
