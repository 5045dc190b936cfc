import { join } from 'node:path'
import { canonicalJson } from '../core/record/canonical-json.ts'
import { type Envelope, payloadType } from '../core/record/envelope.ts'
import { saysTheSame } from '../core/record/make-record.ts'
import type { ReviewRecord } from '../core/record/review-record.ts'
import { statementOf } from '../core/record/statement.ts'
import { attestationsRef, bundlePath, recordPath } from '../core/record/stored.ts'
import { durableWrite } from '../files/durable-write.ts'
import type { Attestations } from '../git/attestations/attestations.ts'
import { type GitWork, need } from '../run/git/git-work.ts'
import type { StoredRecord } from '../run/record/recorder.ts'
import { parseEnvelope, parseStatement } from './schema.ts'
import type { SignedRecord, SignRecord } from './sign/open-signing.ts'
import type { Refused } from './sign/signer.ts'

export interface RecordPlace {
  readonly attestations: Attestations
  readonly kittify: string
  /** The folder of the run's logs. */
  readonly logs: string
  /** null: records are not signed. */
  readonly openSigning: (() => Promise<{ readonly ok: true; readonly sign: SignRecord } | Refused>) | null
}

/** Signs a record, and stores it in our ref and beside the logs. Only what is missing is done. */
export async function* storeRecord(
  record: ReviewRecord,
  parents: readonly string[],
  { attestations, kittify, logs, openSigning }: RecordPlace,
): GitWork<StoredRecord> {
  const { mission, target } = record
  const path = recordPath(mission.slug, target.after)
  const file = join(logs, 'review-record.json')
  const there = yield* need(attestations.stored(path))
  const before = there && envelopeOf(there.content, record)
  const unsigned = before ?? envelopeAbout(record, yield* need(attestations.treeOf(target.after)))
  const { envelope, bundle, why } =
    openSigning === null ? { ...withoutMore(unsigned), why: null } : await signed(unsigned, openSigning)
  const isNew = envelope !== before || bundle !== null
  const content = `${JSON.stringify(envelope, null, 2)}\n`
  const message = `Record the review of ${mission.slug} at ${target.after.slice(0, 10)}\n`
  // A keyless signature of what stood there before is of no use to a new record.
  const beside = { path: bundlePath(path), content: bundle?.content ?? null }
  const files = [{ path, content }, ...(before === null || bundle !== null ? [beside] : [])]
  const commit = there && !isNew ? there.tip : yield* need(attestations.add({ files, parents, message }))
  await durableWrite(file, content, kittify)
  if (bundle !== null) await durableWrite(bundlePath(file), bundle.content, kittify)
  const keys = envelope.signatures.map(({ keyid }) => keyid)
  const signers = bundle === null ? keys : [...keys, bundle.subject]
  return { ref: attestationsRef, commit, path, after: target.after, file, signers, unsigned: why, isNew }
}

function envelopeAbout(record: ReviewRecord, tree: string): Envelope {
  const payload = Buffer.from(canonicalJson(statementOf(record, tree)))
  return { payloadType, payload: payload.toString('base64'), signatures: [] }
}

/** An agent can write to our ref too, so what is there counts only if it says the same; null: it does not. */
function envelopeOf(content: string, record: ReviewRecord): Envelope | null {
  const envelope = parseEnvelope(content)
  const statement = envelope.ok ? parseStatement(envelope.value) : envelope
  return envelope.ok && statement.ok && saysTheSame(statement.value.predicate, record) ? envelope.value : null
}

/** `why`: the reason why it is not signed, or null. */
async function signed(envelope: Envelope, openSigning: NonNullable<RecordPlace['openSigning']>) {
  const opened = await openSigning()
  const made = opened.ok ? await opened.sign(envelope) : opened
  return made.ok ? { ...made, why: null } : { ...withoutMore(envelope), why: made.why }
}

function withoutMore(envelope: Envelope): Pick<SignedRecord, 'envelope' | 'bundle'> {
  return { envelope, bundle: null }
}
