import { existsSync } from 'node:fs'
import type { Envelope } from '../core/record/envelope.ts'
import type { Statement } from '../core/record/statement.ts'
import { attestationsRef, bundleEnd, bundlePath, recordPath } from '../core/record/stored.ts'
import { readRegular } from '../files/read-regular.ts'
import { createAttestations } from '../git/attestations/attestations.ts'
import type { GitOutcome } from '../run/git/git-outcome.ts'
import { type Parsed, parseEnvelope, parseStatement } from './schema.ts'

/** A record as it was stored. Its signatures are not checked yet: see `checkSignatures`. */
export interface ReadRecord {
  /** Path in the tree of our ref, or the file. */
  readonly place: string
  readonly envelope: Envelope
  readonly statement: Statement
  /** The keyless signature beside it, as JSON; null: there is none. */
  readonly bundle: string | null
}

export interface ReadRecords {
  /** The last commit of our ref; null: there is no ref. */
  readonly tip: string | null
  readonly records: readonly ReadRecord[]
  /** What is there and is no record: a reader must name it, because it may have been one. */
  readonly odd: readonly { readonly place: string; readonly why: string }[]
}

/** All records of a repository. */
export async function readRecords(root: string, ref = attestationsRef): Promise<GitOutcome<ReadRecords>> {
  const all = await createAttestations(root).all(ref)
  if (!all.ok) return all
  const { tip, files } = all.data
  const byPath = new Map(files.map(({ path, content }) => [path, content]))
  const ofRecords = new Set(files.map(({ path }) => bundlePath(path)))
  const read = files
    .filter(({ path }) => !(path.endsWith(bundleEnd) && ofRecords.has(path)))
    .map(({ path, content }) => ({ path, record: parseRecord(path, content, byPath.get(bundlePath(path)) ?? null) }))
  const records = read.flatMap(({ record }) => (record.ok ? [record.value] : []))
  const odd = read.flatMap(({ path, record }) => (record.ok ? [] : [{ place: path, why: record.why }]))
  const moved = records.flatMap(record => {
    const { mission, target } = record.statement.predicate
    const path = recordPath(mission.slug, target.after)
    return path === record.place ? [] : [{ place: record.place, why: `it is a record of ${path}` }]
  })
  const isMoved = (place: string) => moved.some(entry => entry.place === place)
  return { ok: true, data: { tip, records: records.filter(({ place }) => !isMoved(place)), odd: [...odd, ...moved] } }
}

/** One record from a file, such as `review-record.json` beside the logs of a run. */
export function readRecordFile(file: string): Parsed<ReadRecord> {
  try {
    const beside = bundlePath(file)
    const bundle = existsSync(beside) ? readRegular(beside).toString() : null
    return parseRecord(file, readRegular(file).toString(), bundle)
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}

function parseRecord(place: string, content: string, bundle: string | null): Parsed<ReadRecord> {
  const envelope = parseEnvelope(content)
  if (!envelope.ok) return envelope
  const statement = parseStatement(envelope.value)
  if (!statement.ok) return statement
  const [{ digest }] = statement.value.subject
  const { after } = statement.value.predicate.target
  if (digest.gitCommit !== after) {
    return { ok: false, why: `its subject is ${digest.gitCommit}, and it is about a merge to ${after}` }
  }
  return { ok: true, value: { place, envelope: envelope.value, statement: statement.value, bundle } }
}
