import type { Envelope } from '../../core/record/envelope.ts'
import { quote } from '../../core/text.ts'
import { readBundle } from '../check/bundle.ts'
import { ciToken } from './ci-token.ts'
import type { Refused } from './signer.ts'

/** The value of `record.sign` that names no key. */
export const keyless = 'keyless'

/** Sigstore's services; absent: the public ones. */
export interface SigstoreServices {
  readonly fulcio?: string
  readonly rekor?: string
}

/** A Sigstore bundle: an envelope of its own with one signature, the certificate, and the entry in the log. */
export interface MadeBundle {
  readonly ok: true
  /** JSON */
  readonly content: string
  /** The URI of the workflow, from the certificate. */
  readonly subject: string
}

export type OpenedKeyless =
  | { readonly ok: true; readonly sign: (envelope: Envelope) => Promise<MadeBundle | Refused> }
  | Refused

type Sigstore = typeof import('@sigstore/sign')

/** Of each request. A failed one is tried once more. */
const requestSeconds = 20

/** Nothing is sent yet, because each signature is published in a log for ever. */
export async function openKeyless(
  env: Readonly<NodeJS.ProcessEnv>,
  services: SigstoreServices = {},
  load: () => Promise<Sigstore> = () => import('@sigstore/sign'),
): Promise<OpenedKeyless> {
  const getToken = ciToken(env)
  if (getToken === null) return refused('needs a job of GitHub Actions with the permission id-token: write')
  try {
    const sigstore = await load()
    return { ok: true, sign: envelope => makeBundle(sigstore, envelope, getToken, services) }
  } catch {
    return refused('needs a package that is not installed: npm install --global @sigstore/sign@4')
  }
}

async function makeBundle(
  { DSSEBundleBuilder, FulcioSigner, RekorWitness, InternalError }: Sigstore,
  { payload, payloadType }: Envelope,
  getToken: () => Promise<string>,
  { fulcio, rekor }: SigstoreServices,
): Promise<MadeBundle | Refused> {
  const limits = { timeout: requestSeconds * 1000, retry: 1 }
  const signer = new FulcioSigner({
    ...limits,
    identityProvider: { getToken },
    ...(fulcio === undefined ? {} : { fulcioBaseURL: fulcio }),
  })
  const witness = new RekorWitness({ ...limits, ...(rekor === undefined ? {} : { rekorBaseURL: rekor }) })
  try {
    const builder = new DSSEBundleBuilder({ signer, witnesses: [witness] })
    const bundle = await builder.create({ data: Buffer.from(payload, 'base64'), type: payloadType })
    const { bundleToJSON } = await import('@sigstore/bundle')
    const content = `${JSON.stringify(bundleToJSON(bundle), null, 2)}\n`
    const made = await readBundle(content)
    return made.ok ? { ok: true, content, subject: made.value.subject } : refused(`made ${made.why}`)
  } catch (error) {
    return refused(error instanceof InternalError ? whyNot(error) : `failed: ${quote(messageOf(error), 200)}`)
  }
}

/** Some messages of the package contain the token, so that only causes that come from a service are quoted. */
function whyNot({ code, cause }: { readonly code: string; readonly cause: unknown }): string {
  const why = quote(messageOf(cause), 200)
  switch (code) {
    case 'IDENTITY_TOKEN_READ_ERROR':
      return `has no token from GitHub Actions: ${why}`
    case 'CA_CREATE_SIGNING_CERTIFICATE_ERROR':
      return `has no certificate from Fulcio: ${why}`
    case 'TLOG_CREATE_ENTRY_ERROR':
      return `has no entry in the log Rekor: ${why}`
    default:
      return `failed: ${code}`
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

function refused(what: string): Refused {
  return { ok: false, why: `keyless signing ${what}` }
}
