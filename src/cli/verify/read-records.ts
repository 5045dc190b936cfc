import type { NextCommand } from '../../core/next-command.ts'
import type { Envelope } from '../../core/record/envelope.ts'
import { attestationsRef } from '../../core/record/stored.ts'
import { shellName } from '../../core/text.ts'
import type { StoredRecord } from '../../core/verify/stored-record.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { createAttestations } from '../../git/attestations/attestations.ts'
import { createCommits } from '../../git/history/commits.ts'
import { checkSignatures, describeSignature, type SignatureCheck } from '../../record/check/signatures.ts'
import { type ReadRecord, readRecordFile, readRecords } from '../../record/read.ts'
import { dataOf } from './data-of.ts'
import { readTrust, type Trust, type TrustFiles } from './trust.ts'

export interface Sources extends TrustFiles {
  /** A record in a file, in place of those in the repository. */
  readonly record?: string
}

/** All records, and of each whether it counts. */
export async function readStored(folder: string, { record, ...files }: Sources): Promise<readonly StoredRecord[]> {
  const trust = await readTrust(files)
  if (record !== undefined) {
    const read = readRecordFile(record)
    if (!read.ok) return [unreadable(record, read.why)]
    return [await judged(folder, read.value, trust)]
  }
  const { tip, records, odd } = dataOf(await readRecords(folder))
  if (tip === null) throw await noRecords(folder)
  const stored = odd.map(({ place, why }) => unreadable(place, why))
  for (const read of records) stored.push(await judged(folder, read, trust))
  return stored
}

function unreadable(place: string, why: string): StoredRecord {
  return { place, record: null, envelope: null, signers: [], broken: why }
}

async function judged(
  folder: string,
  { place, envelope, statement, bundle }: ReadRecord,
  trust: Trust | null,
): Promise<StoredRecord> {
  const byKeys = checkSignatures(envelope, trust?.keys ?? [], Date.now())
  const checks = bundle === null ? byKeys : [...byKeys, await keylessCheck(bundle, envelope, trust)]
  return {
    place,
    record: statement.predicate,
    envelope,
    signers: checks.filter(({ kind }) => kind === 'valid').map(describeSignature),
    broken: whyNotSigned(checks, trust !== null) ?? (await otherTree(folder, statement)),
  }
}

async function keylessCheck(bundle: string, envelope: Envelope, trust: Trust | null): Promise<SignatureCheck> {
  const { checkBundle } = await import('../../record/check/keyless.ts')
  return checkBundle(bundle, envelope, trust ?? { identities: [], roots: null })
}

/** SSH and keyless signatures hold what they are for, so that an altered record is seen without a file of signers too. */
function whyNotSigned(checks: readonly SignatureCheck[], mustBe: boolean): string | null {
  const refused = mustBe ? checks : checks.filter(({ kind }) => kind === 'altered' || kind === 'unreadable')
  if (checks.some(({ kind }) => kind === 'valid')) return null
  if (refused.length > 0) return refused.map(describeSignature).join('; ')
  return mustBe ? 'it is not signed' : null
}

/** A commit that this clone does not have is in no range, so that its tree does not matter. */
async function otherTree(folder: string, { subject }: ReadRecord['statement']): Promise<string | null> {
  const [{ digest: commit }, { digest: tree }] = subject
  const found = await createAttestations(folder).treeOf(commit.gitCommit)
  if (!found.ok || found.data === tree.gitTree) return null
  return `${commit.gitCommit.slice(0, 10)} has the tree ${found.data.slice(0, 10)}, and the record is about ${tree.gitTree.slice(0, 10)}`
}

async function noRecords(folder: string): Promise<OrchestratorError> {
  const message = `there are no review records here (${attestationsRef})`
  const error = { code: 'no-records', exitCode: exitCodes.usage, message }
  const next = await howToFetch(folder)
  const hint = 'sko writes one when it merges a mission; --record <file> reads one'
  return new OrchestratorError(next === null ? { ...error, hint } : { ...error, next: [next] })
}

/** Gets the records with all commits that they name; null: no remote is configured. */
export async function howToFetch(folder: string): Promise<NextCommand | null> {
  const remote = await createCommits(folder).remoteOf('')
  if (remote === null) return null
  const command = `git fetch ${shellName(remote)} ${attestationsRef}:${attestationsRef}`
  return { command, why: 'gets them from where they were pushed' }
}
