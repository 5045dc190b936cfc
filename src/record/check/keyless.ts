import type { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify'
import type { Envelope } from '../../core/record/envelope.ts'
import { type ReadBundle, readBundle } from './bundle.ts'
import type { SignatureCheck } from './signatures.ts'
import type { KeylessIdentity } from './signers.ts'

export interface KeylessTrust {
  readonly identities: readonly KeylessIdentity[]
  /** null: nothing can be verified. */
  readonly roots: readonly TrustedRoot[] | null
}

/** Judges the keyless signature beside an envelope, offline: the bundle holds what its verification needs. */
export async function checkBundle(
  content: string,
  envelope: Envelope,
  { identities, roots }: KeylessTrust,
): Promise<SignatureCheck> {
  const read = await readBundle(content)
  if (!read.ok) return { kind: 'unreadable', keyid: 'keyless', why: read.why }
  const { subject: keyid, payload, payloadType } = read.value
  const named = identities.filter(({ subject }) => subject === keyid)
  const principals = named[0]?.principals ?? null
  const isSame = payloadType === envelope.payloadType && Buffer.from(envelope.payload, 'base64').equals(payload)
  if (!isSame) return { kind: 'altered', keyid, principals }
  if (principals === null) return { kind: 'unknown-identity', keyid, issuer: null }
  if (roots === null) return { kind: 'not-checked', keyid }
  const verified = verifiedBy(read.value, roots)
  if (!verified.ok)
    return verified.isAltered ? { kind: 'altered', keyid, principals } : { kind: 'untrusted', keyid, why: verified.why }
  const { issuer, subject } = verified
  const known = named.find(identity => identity.issuer === issuer && identity.subject === subject)
  return known ? { kind: 'valid', keyid, principals: known.principals } : { kind: 'unknown-identity', keyid, issuer }
}

type VerifiedIdentity =
  | { readonly ok: true; readonly issuer: string; readonly subject: string }
  | { readonly ok: false; readonly isAltered: boolean; readonly why: string }

/**
 * The certificate comes from an authority of the root and was logged, and the signature was made and logged while it was
 * valid. The package compares an identity as a pattern, so we compare it.
 */
function verifiedBy({ bundle }: ReadBundle, roots: readonly TrustedRoot[]): VerifiedIdentity {
  let failed: VerifiedIdentity = { ok: false, isAltered: false, why: 'there is no trusted root' }
  for (const root of roots) {
    try {
      const limits = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 }
      const { identity } = new Verifier(toTrustMaterial(root), limits).verify(toSignedEntity(bundle))
      return { ok: true, issuer: identity?.extensions?.issuer ?? '', subject: identity?.subjectAlternativeName ?? '' }
    } catch (error) {
      const isAltered =
        error instanceof VerificationError && ['SIGNATURE_ERROR', 'TLOG_BODY_ERROR'].includes(error.code)
      failed = { ok: false, isAltered, why: error instanceof Error ? error.message : String(error) }
    }
  }
  return failed
}
