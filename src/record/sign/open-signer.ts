import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { openPem } from './pem.ts'
import type { OpenedSigner } from './signer.ts'
import { openSshKey } from './ssh.ts'

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
