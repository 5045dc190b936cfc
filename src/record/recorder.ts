import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, withoutEnvValues } from '../core/record/canonical-json.ts'
import { type Envelope, payloadType } from '../core/record/envelope.ts'
import { saysTheSame } from '../core/record/make-record.ts'
import type { ReviewRecord } from '../core/record/review-record.ts'
import { statementOf } from '../core/record/statement.ts'
import { attestationsRef, recordPath } from '../core/record/stored.ts'
import { durableWrite } from '../files/durable-write.ts'
import { realPlace } from '../files/real-place.ts'
import { createAttestations } from '../git/attestations/attestations.ts'
import { type GitWork, need, outcomeOf } from '../run/git/git-work.ts'
import type { Recorder, StoredRecord } from '../run/record/recorder.ts'
import { packageVersion } from '../version.ts'
import { parseEnvelope, parseStatement } from './schema.ts'

interface RecorderOptions {
  readonly root: string
  readonly kittify: string
  /** The folder of the run's logs. */
  readonly logs: string
  readonly runId: string
  /** ISO 8601 */
  readonly startedAt: string
  readonly mission: ReviewRecord['mission']
  readonly config: unknown
}

/** The `recorder` port. */
export function createRecorder(options: RecorderOptions): Recorder {
  const attestations = createAttestations(options.root)
  return {
    facts: () => ({
      skoVersion: packageVersion(),
      runId: options.runId,
      startedAt: options.startedAt,
      recordedAt: new Date().toISOString(),
      mission: options.mission,
      configurationSha256: sha256(canonicalJson(withoutEnvValues(options.config))),
      folders: foldersOf(options.root),
    }),
    store: (record, parents) => outcomeOf(storeOnce(record, parents, { ...options, attestations })),
    push: attestations.push,
  }
}

type Place = RecorderOptions & { readonly attestations: ReturnType<typeof createAttestations> }

async function* storeOnce(
  record: ReviewRecord,
  parents: readonly string[],
  { attestations, kittify, logs }: Place,
): GitWork<StoredRecord> {
  const { mission, target } = record
  const path = recordPath(mission.slug, target.after)
  const file = join(logs, 'review-record.json')
  const about = { ref: attestationsRef, path, file, signers: [], unsigned: null }
  const there = yield* need(attestations.stored(path))
  if (there !== null && isRecordOf(there.content, record)) {
    await durableWrite(file, there.content, kittify)
    return { ...about, commit: there.tip, isNew: false }
  }
  const statement = statementOf(record, yield* need(attestations.treeOf(target.after)))
  const payload = Buffer.from(canonicalJson(statement))
  const envelope: Envelope = { payloadType, payload: payload.toString('base64'), signatures: [] }
  const content = `${JSON.stringify(envelope, null, 2)}\n`
  const message = `Record the review of ${mission.slug} at ${target.after.slice(0, 10)}\n`
  const commit = yield* need(attestations.add({ path, content, parents, message }))
  await durableWrite(file, content, kittify)
  return { ...about, commit, isNew: true }
}

/** An agent can write to our ref too, so what is there counts only if it says the same. */
function isRecordOf(content: string, record: ReviewRecord): boolean {
  const envelope = parseEnvelope(content)
  const statement = envelope.ok ? parseStatement(envelope.value) : envelope
  return statement.ok && saysTheSame(statement.value.predicate, record)
}

function foldersOf(root: string): readonly (readonly [string, string])[] {
  const home = homedir()
  const folders: readonly (readonly [string, string])[] = [
    [root, '.'],
    [realPlace(root), '.'],
    [home, '~'],
    [realPlace(home), '~'],
  ]
  return folders.filter(([path]) => path.length > 1).toSorted(([a], [b]) => b.length - a.length)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
