/** DSSE (Dead Simple Signing Envelope) v1: what is stored and signed. */
export interface Envelope {
  readonly payloadType: string
  /** The payload, in base64. */
  readonly payload: string
  /** Empty: unsigned. */
  readonly signatures: readonly EnvelopeSignature[]
}

export interface EnvelopeSignature {
  /** SHA256 fingerprint of the public key, as `ssh-keygen -l` prints it. Not signed: it only says which key to try. */
  readonly keyid: string
  /** In base64. */
  readonly sig: string
}

export const payloadType = 'application/vnd.in-toto+json'

/** The bytes that a signature covers (pre-authentication encoding): they bind the payload to its type. */
export function signedBytes(type: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder()
  const head = encoder.encode(`DSSEv1 ${encoder.encode(type).length} ${type} ${payload.length} `)
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}
