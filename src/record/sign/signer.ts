import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type { EnvelopeSignature } from '../../core/record/envelope.ts'
import { openPem } from './pem.ts'
import { openSshKey } from './ssh.ts'

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

export interface SignerOptions {
  /** `record.sign`: the path of an Ed25519 key in PEM, or `ssh:` and the path of an SSH key. */
  readonly key: string
  /** Relative paths start here. */
  readonly from: string
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** Reads what can be read of the key, so that a wrong one is refused before the run starts. */
export async function openSigner({ key, from, env }: SignerOptions): Promise<OpenedSigner> {
  const path = keyFile(key, from)
  return isSsh(key) ? openSshKey(path, env) : openPem(path)
}

/** Absolute path of the key that `record.sign` names. */
export function keyFile(key: string, from: string): string {
  const path = isSsh(key) ? key.slice(sshPrefix.length) : key
  if (path.startsWith('~/')) return join(homedir(), path.slice(2))
  return isAbsolute(path) ? path : resolve(from, path)
}

const sshPrefix = 'ssh:'

function isSsh(key: string): boolean {
  return key.startsWith(sshPrefix)
}
