import { verify } from 'node:crypto'
import { type Envelope, type EnvelopeSignature, signedBytes } from '../../core/record/envelope.ts'
import { quote } from '../../core/text.ts'
import { fingerprint } from '../sign/fingerprint.ts'
import { type AllowedSigner, matchesAny } from './allowed-signers.ts'
import { isSignedBy, readPublicKey } from './public-key.ts'
import { isSshSignature, parseSshSignature, signatureNamespace } from './ssh-signature.ts'

/** What one signature of a record is worth. `keyid`: of a keyless one, the URI that its certificate names. */
export type SignatureCheck = { readonly keyid: string } & (
  | { readonly kind: 'valid'; readonly principals: string }
  /** It may be right, but no line of the signers file has its key. */
  | { readonly kind: 'unknown-signer' }
  /** `at`: ISO 8601 */
  | { readonly kind: 'expired' | 'not-yet-valid'; readonly principals: string; readonly at: string }
  /** The signers file allows this key other signatures only. */
  | { readonly kind: 'other-namespace'; readonly principals: string }
  /** The payload or the signature was altered after it was signed. `principals`: of the key that it names, if allowed. */
  | { readonly kind: 'altered'; readonly principals: string | null }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Keyless, and no line of the signers file has this subject with this issuer; null: the issuer was not verified. */
  | { readonly kind: 'unknown-identity'; readonly issuer: string | null }
  /** Keyless, and the trusted root does not confirm it. */
  | { readonly kind: 'untrusted'; readonly why: string }
  /** Keyless, and no trusted root was given. */
  | { readonly kind: 'not-checked' }
)

/**
 * Judges each signature of an envelope. `now`: milliseconds since the epoch. An expired key is judged by now, as ssh does
 * without a verify-time: a record's own time is a claim of who signed it, and a thief of the key would choose it.
 */
export function checkSignatures(
  envelope: Envelope,
  signers: readonly AllowedSigner[],
  now: number,
): readonly SignatureCheck[] {
  const bytes = signedBytes(envelope.payloadType, Buffer.from(envelope.payload, 'base64'))
  return envelope.signatures.map(signature => {
    const sig = Buffer.from(signature.sig, 'base64')
    const check = isSshSignature(sig) ? checkSsh : checkPlain
    return check({ signature, sig, bytes, signers, now })
  })
}

interface Check {
  readonly signature: EnvelopeSignature
  readonly sig: Uint8Array
  readonly bytes: Uint8Array
  readonly signers: readonly AllowedSigner[]
  readonly now: number
}

/** The key id is not signed, so it only says which key to try first. */
function checkPlain({ signature: { keyid }, sig, bytes, signers, now }: Check): SignatureCheck {
  const keys = signers.filter(({ key }) => key.type === 'ssh-ed25519')
  const made = keys.filter(({ key }) => verify(null, bytes, key.key, sig))
  if (made.length > 0) return bestOf(made, now)
  const named = keys.find(signer => signer.keyid === keyid)
  return named ? { kind: 'altered', keyid, principals: named.principals } : { kind: 'unknown-signer', keyid }
}

/** It holds its key, so it can be found altered even if the key is unknown. */
function checkSsh({ signature, sig, bytes, signers, now }: Check): SignatureCheck {
  const parsed = parseSshSignature(sig)
  if (!parsed.ok) return { kind: 'unreadable', keyid: signature.keyid, why: parsed.why }
  const { publicKey, namespace } = parsed.value
  const keyid = fingerprint(publicKey)
  const key = readPublicKey(publicKey)
  if (!key.ok) return { kind: 'unreadable', keyid, why: key.why }
  if (namespace !== signatureNamespace) {
    return { kind: 'unreadable', keyid, why: `it was made for ${quote(namespace, 60)}, not for ${signatureNamespace}` }
  }
  const known = signers.filter(signer => signer.keyid === keyid)
  if (!isSignedBy(key.value, parsed.value, bytes)) {
    return { kind: 'altered', keyid, principals: known[0]?.principals ?? null }
  }
  return known.length > 0 ? bestOf(known, now) : { kind: 'unknown-signer', keyid }
}

/** A key may stand on several lines: one that allows the signature is enough. */
function bestOf(signers: readonly AllowedSigner[], now: number): SignatureCheck {
  const checks = signers.map(signer => limitsOf(signer, now))
  const found = checks.find(({ kind }) => kind === 'valid') ?? checks[0]
  return found ?? { kind: 'unknown-signer', keyid: '' }
}

function limitsOf(
  { keyid, principals, namespaces, validAfter, validBefore }: AllowedSigner,
  now: number,
): SignatureCheck {
  if (namespaces !== null && !matchesAny(signatureNamespace, namespaces)) {
    return { kind: 'other-namespace', keyid, principals }
  }
  if (validBefore !== null && now >= validBefore) return { kind: 'expired', keyid, principals, at: isoOf(validBefore) }
  if (validAfter !== null && now < validAfter)
    return { kind: 'not-yet-valid', keyid, principals, at: isoOf(validAfter) }
  return { kind: 'valid', keyid, principals }
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}

export function describeSignature(check: SignatureCheck): string {
  const { keyid } = check
  switch (check.kind) {
    case 'valid':
      return `signed by ${quote(check.principals)} (${keyid})`
    case 'unknown-signer':
      return `signed by an unknown key (${quote(keyid) || 'without a name'}): no line of the signers file has it`
    case 'expired':
      return `signed by ${quote(check.principals)} (${keyid}), whose key has expired at ${check.at}`
    case 'not-yet-valid':
      return `signed by ${quote(check.principals)} (${keyid}), whose key is valid only after ${check.at}`
    case 'other-namespace':
      return `signed by ${quote(check.principals)} (${keyid}), whose key the signers file does not allow for ${signatureNamespace}`
    case 'altered':
      return `altered: the record is not what ${quote(check.principals ?? '') || 'an unknown key'} (${quote(keyid)}) has signed`
    case 'unreadable':
      return `a signature that cannot be read (${quote(keyid)}): ${check.why}`
    case 'unknown-identity':
      return `signed keyless by ${quote(keyid)}${check.issuer === null ? '' : ` of ${quote(check.issuer)}`}: no line of the signers file has it`
    case 'untrusted':
      return `signed keyless by ${quote(keyid)}, which the trusted root does not confirm: ${quote(check.why, 200)}`
    case 'not-checked':
      return `signed keyless by ${quote(keyid)}, which was not checked: --trusted-root <file> is missing`
  }
}
