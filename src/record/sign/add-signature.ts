import { type Envelope, signedBytes } from '../../core/record/envelope.ts'
import { readPublicKey } from '../check/public-key.ts'
import { checkSignatures } from '../check/signatures.ts'
import { fingerprint } from './fingerprint.ts'
import type { Refused, Signer } from './signer.ts'

/** The envelope with one more signature; the same one when the signer has signed it before. */
export async function withSignature(
  envelope: Envelope,
  signer: Signer,
): Promise<{ readonly ok: true; readonly envelope: Envelope } | Refused> {
  if (signer.publicKey !== null && isSignedWith(envelope, signer.publicKey)) return { ok: true, envelope }
  const signed = await signer.sign(signedBytes(envelope.payloadType, Buffer.from(envelope.payload, 'base64')))
  if (!signed.ok) return signed
  const { signature } = signed
  const others = envelope.signatures.filter(({ keyid }) => keyid !== signature.keyid)
  return { ok: true, envelope: { ...envelope, signatures: [...others, signature] } }
}

/** Checks the signature itself: a key id can be written by anyone. */
function isSignedWith(envelope: Envelope, publicKey: Uint8Array): boolean {
  const key = readPublicKey(publicKey)
  if (!key.ok) return false
  const unlimited = { namespaces: null, validAfter: null, validBefore: null }
  const signer = { principals: '', key: key.value, keyid: fingerprint(publicKey), ...unlimited }
  return checkSignatures(envelope, [signer], 0).some(({ kind }) => kind === 'valid')
}
