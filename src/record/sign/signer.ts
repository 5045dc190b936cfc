import type { EnvelopeSignature } from '../../core/record/envelope.ts'

/** Signs what a record says. */
export interface Signer {
  /** In SSH's encoding; null: it is known only after signing. */
  readonly publicKey: Uint8Array | null
  /** `bytes`: the signed bytes of an envelope. Never asks a person and never waits for long. */
  sign(bytes: Uint8Array): Promise<Signed>
}

/** `why` is a clause that names the key and says what to do. */
export type Refused = { readonly ok: false; readonly why: string }
export type Signed = { readonly ok: true; readonly signature: EnvelopeSignature } | Refused
export type OpenedSigner = { readonly ok: true; readonly signer: Signer } | Refused
