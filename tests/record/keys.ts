import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { payloadType } from '../../src/core/record/envelope.ts'
import { ed25519Blob } from '../../src/record/sign/fingerprint.ts'

export function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sko-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface PemKey {
  readonly file: string
  /** Type and base64, as a line of a signers file has them. */
  readonly publicLine: string
}

export function pemKey(folder: string, name = 'key.pem'): PemKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const file = join(folder, name)
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
  return { file, publicLine: `ssh-ed25519 ${Buffer.from(ed25519Blob(publicKey)).toString('base64')}` }
}

export function sshKey(folder: string, args: readonly string[] = ['-t', 'ed25519'], passphrase = ''): PemKey {
  const file = join(folder, `id_${args.join('_').replace(/\W/g, '')}`)
  execFileSync('ssh-keygen', ['-q', ...args, '-N', passphrase, '-C', 'a comment', '-f', file])
  const [type = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  return { file, publicLine: `${type} ${base64}` }
}

export function envelopeWith(text: string) {
  return { payloadType, payload: Buffer.from(text).toString('base64'), signatures: [] }
}
