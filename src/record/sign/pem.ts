import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { ed25519Blob, fingerprint } from './fingerprint.ts'
import { readKeyFile } from './key-file.ts'
import type { OpenedSigner, Refused } from './signer.ts'

/** An Ed25519 key in PKCS #8 PEM, as `openssl genpkey -algorithm ed25519` writes it. */
export function openPem(path: string): OpenedSigner {
  const file = readKeyFile(path)
  if (!file.ok) return file
  const read = readPrivateKey(path, file.content)
  if (!read.ok) return read
  const { key } = read
  const publicKey = ed25519Blob(createPublicKey(key))
  const keyid = fingerprint(publicKey)
  return {
    ok: true,
    signer: {
      publicKey,
      sign: async bytes => ({ ok: true, signature: { keyid, sig: sign(null, bytes, key).toString('base64') } }),
    },
  }
}

function readPrivateKey(path: string, content: Buffer): { readonly ok: true; readonly key: KeyObject } | Refused {
  const refused = (what: string): Refused => ({ ok: false, why: `the key ${path} ${what}` })
  if (content.includes('-----BEGIN OPENSSH PRIVATE KEY-----')) {
    return refused(`is an SSH key: name it as ssh:${path}`)
  }
  if (content.includes('ENCRYPTED')) {
    return refused('needs a passphrase, and sko runs unattended: use a key without one, or an SSH key in an agent')
  }
  try {
    const key = createPrivateKey(content)
    if (key.asymmetricKeyType === 'ed25519') return { ok: true, key }
    return refused(`is of type ${key.asymmetricKeyType ?? 'unknown'}: only Ed25519 is used here`)
  } catch {
    return refused('is no private key in PEM')
  }
}
