import type { Envelope } from '../../core/record/envelope.ts'
import { withSignature } from './add-signature.ts'
import { keyless, type MadeBundle, openKeyless, type SigstoreServices } from './keyless.ts'
import { openSigner, type SignerOptions } from './open-signer.ts'
import type { Refused } from './signer.ts'

/** A record with one more signature. */
export interface SignedRecord {
  readonly ok: true
  /** With the signature of a key; the same one when the key has signed it before. */
  readonly envelope: Envelope
  /** The keyless signature, which is stored beside the envelope; null: a key has signed. */
  readonly bundle: MadeBundle | null
}

export type SignRecord = (envelope: Envelope) => Promise<SignedRecord | Refused>

export interface SigningOptions extends SignerOptions {
  readonly services?: SigstoreServices
}

/** By a key or keyless, as `record.sign` says. */
export async function openSigning(
  options: SigningOptions,
): Promise<{ readonly ok: true; readonly sign: SignRecord } | Refused> {
  if (options.key === keyless) {
    const opened = await openKeyless(options.env, options.services)
    if (!opened.ok) return opened
    return {
      ok: true,
      sign: async envelope => {
        const bundle = await opened.sign(envelope)
        return bundle.ok ? { ok: true, envelope, bundle } : bundle
      },
    }
  }
  const opened = await openSigner(options)
  if (!opened.ok) return opened
  return {
    ok: true,
    sign: async envelope => {
      const made = await withSignature(envelope, opened.signer)
      return made.ok ? { ...made, bundle: null } : made
    },
  }
}
