import { createHash, type KeyObject } from 'node:crypto'
import { sshEncoded } from '../../core/record/ssh-key.ts'

/** As `ssh-keygen -l` prints it. `blob`: the public key in SSH's encoding. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** An Ed25519 public key in SSH's encoding. */
export function ed25519Blob(key: KeyObject): Uint8Array {
  const { x = '' } = key.export({ format: 'jwk' })
  return sshEncoded(Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url'))
}
