import { sshFields } from '../../core/record/ssh-key.ts'
import type { Parsed } from '../schema.ts'

/** Of SSH signatures: one made for git or a file does not count as one of a record. */
export const signatureNamespace = 'sko-attestation'

/** OpenSSH's PROTOCOL.sshsig. */
export interface SshSignature {
  /** All of it, without the armour. */
  readonly blob: Uint8Array
  /** In SSH's encoding. */
  readonly publicKey: Uint8Array
  readonly namespace: string
  readonly hash: 'sha256' | 'sha512'
  readonly algorithm: string
  /** The signature itself, and for a hardware key its flags and counter behind it. */
  readonly signature: Uint8Array
  readonly rest: Uint8Array
}

const magic = Buffer.from('SSHSIG')

export function isSshSignature(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, magic.length)).equals(magic)
}

/** With or without its armour. */
export function parseSshSignature(bytes: Uint8Array): Parsed<SshSignature> {
  const blob = withoutArmour(Buffer.from(bytes))
  const odd = (why: string) => ({ ok: false, why: `the SSH signature ${why}` }) as const
  const version = Buffer.from([0, 0, 0, 1])
  if (!isSshSignature(blob) || !blob.subarray(magic.length, magic.length + 4).equals(version)) {
    return odd('has no SSHSIG version 1')
  }
  const fields = sshFields(blob.subarray(magic.length + 4))
  const [publicKey, namespace, reserved, hash, made] = fields ?? []
  if (!publicKey || !namespace || !reserved || !hash || !made || fields?.length !== 5) return odd('has other fields')
  const hashName = text(hash)
  if (hashName !== 'sha256' && hashName !== 'sha512') return odd(`has another hash`)
  const inner = firstFields(made, 2)
  if (inner === null) return odd('is cut off')
  const [algorithm = made, signature = made] = inner.fields
  return {
    ok: true,
    value: {
      ...{ blob, publicKey, namespace: text(namespace), hash: hashName, algorithm: text(algorithm), signature },
      rest: inner.rest,
    },
  }
}

/** A hardware key's flags and counter follow the fields without a length. */
function firstFields(bytes: Uint8Array, count: number) {
  const fields: Uint8Array[] = []
  let rest = Buffer.from(bytes)
  for (let n = 0; n < count; n++) {
    if (rest.length < 4) return null
    const end = 4 + rest.readUInt32BE(0)
    if (end > rest.length) return null
    fields.push(rest.subarray(4, end))
    rest = rest.subarray(end)
  }
  return { fields, rest }
}

function withoutArmour(bytes: Buffer): Buffer {
  const armoured = /-----BEGIN SSH SIGNATURE-----([\s\S]*)-----END SSH SIGNATURE-----/.exec(bytes.toString('latin1'))
  return armoured ? Buffer.from(armoured[1] ?? '', 'base64') : bytes
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
