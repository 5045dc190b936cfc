import type { NextCommand } from '../../core/next-command.ts'
import { oneLine } from '../../core/text.ts'
import type { StoredRecord } from '../record/recorder.ts'
import type { FinishedRecord } from './end-event.ts'

/** Events about the review record of a merge. */
export type RecordEvent =
  | Recorded
  | NotRecorded
  | { readonly type: 'record-pushed'; readonly ref: string; readonly remote: string; readonly commit: string }
  | RecordNotPushed

/** The record of who judged what was merged is stored. */
interface Recorded extends Omit<StoredRecord, 'isNew' | 'after'> {
  readonly type: 'recorded'
  readonly next: readonly NextCommand[]
}

/** The merge stays. */
interface NotRecorded {
  readonly type: 'not-recorded'
  /** The target after the merge. */
  readonly commit: string
  readonly reason: string
  readonly next: readonly NextCommand[]
}

interface RecordNotPushed {
  readonly type: 'record-not-pushed'
  readonly ref: string
  readonly remote: string
  readonly reason: string
  readonly next: readonly NextCommand[]
}

export function describeRecord(event: RecordEvent): string {
  switch (event.type) {
    case 'recorded':
      return `the review record of the merge is stored in ${event.ref}, ${signedBy(event)}`
    case 'not-recorded':
      return `the review record of the merge at ${event.commit.slice(0, 10)} is not stored: ${oneLine(event.reason, 200)}; the merge stays`
    case 'record-pushed':
      return `pushed: ${event.remote} has ${event.ref} at ${event.commit.slice(0, 10)}`
    case 'record-not-pushed':
      return `the review record is not pushed to ${event.remote}: ${oneLine(event.reason, 200)}`
  }
}

/** Says `unsigned` in so many words: it is no error, and it is no signature. */
function signedBy({ signers, unsigned }: Pick<StoredRecord, 'signers' | 'unsigned'>): string {
  const why = unsigned === null ? '' : `, and not as configured: ${oneLine(unsigned, 200)}`
  return signers.length === 0 ? `unsigned${why}` : `signed by ${signers.join(', ')}${why}`
}

/** For the report at the end. `after`: the target after the merge. */
export function finishedRecord({ ref, path, commit, signers, unsigned, after }: StoredRecord): FinishedRecord {
  return { ref, path, commit, signers, unsigned, verify: `sko verify ${after}` }
}

/** The honest limit of each kind of record. */
export function recordLines({ ref, path, signers, unsigned, verify }: FinishedRecord): readonly string[] {
  return [`${path} in ${ref}, ${signedBy({ signers, unsigned })}: ${limitOf(signers)}`, `check it: ${verify}`]
}

function limitOf(signers: readonly string[]): string {
  if (signers.length === 0) return 'everyone who can write to this repository could have written it'
  const notMore = 'not that the record could not be forged'
  if (signers.some(name => name.startsWith('https://'))) return `the workflow says where sko ran, ${notMore} there`
  return `a key on this machine says who ran sko, ${notMore}`
}
