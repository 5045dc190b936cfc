import type { BundleWithDsseEnvelope } from '@sigstore/bundle'
import { parseJson } from '../../core/json.ts'
import type { Parsed } from '../schema.ts'

/** A keyless signature of a record. */
export interface ReadBundle {
  readonly bundle: BundleWithDsseEnvelope
  readonly payload: Uint8Array
  readonly payloadType: string
  /** The URI that the certificate names. Nothing is verified yet. */
  readonly subject: string
}

/** Reads a Sigstore bundle. The packages are loaded here, because few records have one. */
export async function readBundle(content: string): Promise<Parsed<ReadBundle>> {
  const { bundleFromJSON, isBundleWithDsseEnvelope } = await import('@sigstore/bundle')
  const { toSignedEntity } = await import('@sigstore/verify')
  const odd = (why: string) => ({ ok: false, why: `a Sigstore bundle ${why}` }) as const
  try {
    const bundle = bundleFromJSON(parseJson(content))
    if (!isBundleWithDsseEnvelope(bundle)) return odd('without a DSSE envelope')
    const { key } = toSignedEntity(bundle)
    if (key.$case !== 'certificate') return odd('without a certificate')
    const { payload, payloadType } = bundle.content.dsseEnvelope
    return { ok: true, value: { bundle, payload, payloadType, subject: key.certificate.subjectAltName ?? '' } }
  } catch {
    // Its parsers throw errors of many kinds for bytes that are no bundle.
    return odd('that is not as Sigstore describes it')
  }
}
