import { attestationsRef, bundlePath } from '../core/record/stored.ts'
import { createAttestations } from '../git/attestations/attestations.ts'
import type { ReadRecord } from './read.ts'
import { openSigning, type SigningOptions } from './sign/open-signing.ts'
import type { Refused } from './sign/signer.ts'

export interface SignedStored {
  readonly ok: true
  readonly ref: string
  /** Places of the records that have the signature now, and did not have it before. */
  readonly signed: readonly string[]
  /** Places of those that had it. */
  readonly before: readonly string[]
}

/**
 * Adds a signature to records of our ref, after the caller has verified them: what a CI job does, out of the
 * reach of agents. The payloads stay byte for byte, so earlier signatures stay good.
 */
export async function signStored(
  root: string,
  records: readonly Pick<ReadRecord, 'place' | 'envelope'>[],
  key: SigningOptions,
): Promise<SignedStored | Refused> {
  const opened = await openSigning(key)
  if (!opened.ok) return opened
  const attestations = createAttestations(root)
  const signed: string[] = []
  const before: string[] = []
  for (const { place, envelope } of records) {
    const made = await opened.sign(envelope)
    if (!made.ok) return made
    const { bundle } = made
    if (made.envelope === envelope && bundle === null) {
      before.push(place)
      continue
    }
    const file =
      bundle === null
        ? { path: place, content: `${JSON.stringify(made.envelope, null, 2)}\n` }
        : { path: bundlePath(place), content: bundle.content }
    const added = await attestations.add({ files: [file], parents: [], message: `Sign ${place}\n` })
    if (!added.ok) return { ok: false, why: added.message }
    signed.push(place)
  }
  return { ok: true, ref: attestationsRef, signed, before }
}
