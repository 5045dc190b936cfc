import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fulcioHandler, initializeCA, initializeTLog } from '@sigstore/mock'
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { SigstoreServices } from '../../src/record/sign/keyless.ts'

export const issuer = 'https://token.actions.githubusercontent.com'
export const workflow = 'https://github.com/acme/app/.github/workflows/sign.yml@refs/heads/main'

export interface Sigstore {
  readonly services: SigstoreServices
  /** Of a job that may have a token. */
  readonly env: Readonly<Record<string, string>>
  /** JSON of the trusted root that confirms what is made here. */
  readonly root: string
}

export interface SigstoreOptions {
  readonly subject?: string
  readonly issuer?: string
  /** Paths that answer 500. */
  readonly broken?: RegExp
}

/** Fulcio, Rekor and the token service of GitHub Actions on one local server. */
export async function sigstoreOfTest(options: SigstoreOptions = {}): Promise<Sigstore> {
  const keys = { ca: keyPair('P-384'), ct: keyPair('P-256'), log: keyPair('P-256') }
  const ctLog = ctLogOf(keys.ct)
  const ca = await initializeCA(keys.ca, ctLog)
  const log = await initializeTLog('https://rekor.test', keys.log)
  const fulcio = fulcioHandler(ca)
  const answer = async (path: string, body: string) => {
    if (options.broken?.test(path)) return { status: 500, body: 'no' }
    if (path.startsWith('/token?')) return { status: 200, body: JSON.stringify({ value: tokenOf(options) }) }
    if (path === fulcio.path) {
      const { statusCode, response } = await fulcio.fn(body)
      return { status: statusCode, body: response }
    }
    return { status: 201, body: JSON.stringify(await log.log(loggedEntry(body))) }
  }
  const server = createServer((request: IncomingMessage, response) => {
    text(request)
      .then(body => answer(request.url ?? '', body))
      .then(({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
      .catch(error => response.writeHead(400).end(String(error)))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { port } = z.custom<AddressInfo>().parse(server.address())
  const url = `http://127.0.0.1:${port}`
  const root = rootOf(ca.rootCertificate, ctLog, log.publicKey)
  return {
    services: { fulcio: url, rekor: url },
    env: { ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'password' },
    root: JSON.stringify(root),
  }
}

function keyPair(namedCurve: string) {
  return generateKeyPairSync('ec', { namedCurve })
}

/** RFC 6962. With the versions of its libraries here, the mock's own log of certificates makes empty signatures. */
function ctLogOf({ publicKey, privateKey }: KeyPairKeyObjectResult) {
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const logID = createHash('sha256').update(spki).digest()
  const number = (value: number, bytes: number) => Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex')
  return {
    publicKey: spki,
    logID,
    log: async (certificate: ArrayBuffer, issuerID: ArrayBuffer): Promise<ArrayBuffer> => {
      // What is signed of a certificate is its first part.
      const der = Buffer.from(certificate)
      const tbs = der.subarray(4, 8 + der.readUInt16BE(6))
      const at = number(Date.now(), 8)
      const entry = [Buffer.from([0, 0]), at, number(1, 2), Buffer.from(issuerID), number(tbs.length, 3), tbs]
      const made = sign('sha256', Buffer.concat([...entry, number(0, 2)]), privateKey)
      const algorithms = Buffer.from([4, 3])
      const sct = Buffer.concat([Buffer.from([0]), logID, at, number(0, 2), algorithms, number(made.length, 2), made])
      return new Uint8Array([...number(sct.length, 2), ...sct]).buffer
    },
  }
}

function tokenOf({ subject = workflow, issuer: iss = issuer }: SigstoreOptions): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: subject, iss, aud: 'sigstore' })}.x`
}

const proposed = z.object({
  spec: z.object({ proposedContent: z.object({ envelope: z.string(), verifiers: z.tuple([z.string()]) }) }),
})
const envelope = z.object({ payload: z.string(), signatures: z.tuple([z.object({ sig: z.string() })]) })

/** Rekor logs hashes; the mock would log the proposed envelope itself. */
function loggedEntry(body: string) {
  const { proposedContent } = proposed.parse(JSON.parse(body)).spec
  const { payload, signatures } = envelope.parse(JSON.parse(proposedContent.envelope))
  const sha256 = (data: Buffer | string) => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(data).digest('hex'),
  })
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: sha256(proposedContent.envelope),
      payloadHash: sha256(Buffer.from(payload, 'base64')),
      signatures: [{ signature: signatures[0].sig, verifier: proposedContent.verifiers[0] }],
    },
  }
}

function rootOf(certificate: Buffer, ctLog: { publicKey: Buffer; logID: Buffer }, logKey: Buffer): unknown {
  const validFor = { start: new Date(Date.now() - 60_000), end: undefined }
  const logOf = (rawBytes: Buffer, keyId: Buffer) => ({
    baseUrl: 'https://rekor.test',
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: { rawBytes, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
    logId: { keyId },
    checkpointKeyId: undefined,
    operator: '',
  })
  return TrustedRoot.toJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(logKey, createHash('sha256').update(logKey).digest())],
    certificateAuthorities: [
      {
        subject: { commonName: 'sigstore', organization: 'sigstore.mock' },
        uri: 'https://fulcio.test',
        certChain: { certificates: [{ rawBytes: certificate }] },
        validFor,
        operator: '',
      },
    ],
    ctlogs: [logOf(ctLog.publicKey, ctLog.logID)],
    timestampAuthorities: [],
  })
}
