import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { sshEncoded, sshFields } from '../../core/record/ssh-key.ts'
import type { Parsed } from '../schema.ts'
import { type SshSignature, text } from './ssh-signature.ts'

/** A public key that SSH's encoding holds. */
export interface PublicKey {
  readonly type: string
  readonly key: KeyObject
  /** For a hardware key, what it was made for (`ssh:`); null for any other. */
  readonly application: Uint8Array | null
}

const curves: Readonly<Record<string, readonly [crv: string, hash: string]>> = {
  nistp256: ['P-256', 'sha256'],
  nistp384: ['P-384', 'sha384'],
  nistp521: ['P-521', 'sha512'],
}

/** Shorter RSA keys can be broken. ssh-keygen refuses them too. */
const leastRsaBits = 2048

export function readPublicKey(blob: Uint8Array): Parsed<PublicKey> {
  const fields = sshFields(blob)
  const [typeField, first, second, third] = fields ?? []
  if (!typeField || !first) return { ok: false, why: 'it is no SSH public key' }
  const type = text(typeField)
  try {
    if (type === 'ssh-ed25519' && !second) return { ok: true, value: { type, key: okp(first), application: null } }
    if (type === 'sk-ssh-ed25519@openssh.com' && second && !third) {
      return { ok: true, value: { type, key: okp(first), application: second } }
    }
    if (type === 'ssh-rsa' && second && !third) return rsa(type, first, second)
    if (/^(?:sk-)?ecdsa-sha2-nistp\d+(?:@openssh\.com)?$/.test(type) && second) {
      return { ok: true, value: { type, key: ec(text(first), second), application: third ?? null } }
    }
  } catch {
    return { ok: false, why: `it is no valid key of type ${type}` }
  }
  return { ok: false, why: `keys of type ${type} are not supported` }
}

function okp(x: Uint8Array): KeyObject {
  return imported({ kty: 'OKP', crv: 'Ed25519', x: base64url(x) })
}

function ec(curve: string, point: Uint8Array): KeyObject {
  const half = (point.length - 1) / 2
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)]
  return imported({ kty: 'EC', crv: curves[curve]?.[0] ?? curve, x: base64url(x), y: base64url(y) })
}

function rsa(type: string, e: Uint8Array, n: Uint8Array): Parsed<PublicKey> {
  const key = imported({ kty: 'RSA', n: base64url(withoutSign(n)), e: base64url(withoutSign(e)) })
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < leastRsaBits) return { ok: false, why: `an RSA key of ${bits} bits is too short` }
  return { ok: true, value: { type, key, application: null } }
}

function imported(key: JsonWebKey): KeyObject {
  return createPublicKey({ key, format: 'jwk' })
}

/** SSH writes numbers with a sign: a zero byte before one whose first bit is set. */
function withoutSign(number: Uint8Array): Uint8Array {
  return number[0] === 0 ? number.subarray(1) : number
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

/** Whether the key that is named in the signature has made it for these bytes. */
export function isSignedBy({ type, key, application }: PublicKey, made: SshSignature, bytes: Uint8Array): boolean {
  const { namespace, hash, algorithm, signature, rest } = made
  const digest = createHash(hash).update(bytes).digest()
  const fields = sshEncoded(Buffer.from(namespace), new Uint8Array(), Buffer.from(hash), digest)
  const message = Buffer.concat([Buffer.from('SSHSIG'), fields])
  if (type === 'ssh-rsa') {
    const rsaHash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm]
    return rsaHash !== undefined && rest.length === 0 && verify(rsaHash, message, key, signature)
  }
  if (algorithm !== type) return false
  const signed = application === null ? message : byHardware(application, rest, message)
  if (signed === null || (application === null && rest.length > 0)) return false
  if (key.asymmetricKeyType === 'ed25519') return verify(null, signed, key, signature)
  const numbers = sshFields(signature)
  const curve = Object.keys(curves).find(name => type.includes(name)) ?? ''
  const [, ecHash = 'sha256'] = curves[curve] ?? []
  return numbers?.length === 2 && verify(ecHash, signed, key, derOf(numbers))
}

/** OpenSSH's PROTOCOL.u2f: five bytes, its flags and its counter, are signed with the hash of the message. */
function byHardware(application: Uint8Array, rest: Uint8Array, message: Uint8Array): Uint8Array | null {
  if (rest.length !== 5) return null
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  return Buffer.concat([sha256(application), rest, sha256(message)])
}

/** Both encodings write a number with a sign, so only the framing differs. */
function derOf(numbers: readonly Uint8Array[]): Uint8Array {
  const tagged = numbers.map(number => Buffer.concat([Buffer.from([0x02, number.length]), number]))
  const body = Buffer.concat(tagged)
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length]
  return Buffer.concat([Buffer.from([0x30, ...length]), body])
}
