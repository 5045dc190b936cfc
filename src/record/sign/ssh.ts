import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quote } from '../../core/text.ts'
import { readRegular } from '../../files/read-regular.ts'
import { runHostCall } from '../../process/host-call.ts'
import { parseSshSignature, signatureNamespace } from '../check/ssh-signature.ts'
import { fingerprint } from './fingerprint.ts'
import { readKeyFile } from './key-file.ts'
import type { OpenedSigner, Signed } from './signer.ts'

type Environment = Readonly<NodeJS.ProcessEnv>

/** A private key, or a public one (`.pub`) whose private half is in ssh-agent. `ssh-keygen -Y sign` uses it. */
export function openSshKey(path: string, env: Environment): OpenedSigner {
  if (path.endsWith('.pub')) {
    if (!existsSync(path)) return { ok: false, why: `there is no key ${path}` }
  } else {
    const file = readKeyFile(path)
    if (!file.ok) return file
  }
  return { ok: true, signer: { publicKey: publicHalf(path), sign: bytes => signWithSsh(path, bytes, env) } }
}

/** Of the file beside the private key. */
function publicHalf(path: string): Uint8Array | null {
  const file = path.endsWith('.pub') ? path : `${path}.pub`
  try {
    const [, base64 = ''] = readRegular(file).toString().split(' ')
    return base64 === '' ? null : Buffer.from(base64, 'base64')
  } catch {
    return null
  }
}

/** A hardware key waits for a touch, and ssh-agent for a confirmation. */
const signSeconds = 30

/**
 * The bytes go through a file and stdin is closed, because ssh-keygen would read a passphrase from stdin. It has no
 * terminal and no askpass program either, so a locked key fails at once.
 */
async function signWithSsh(path: string, bytes: Uint8Array, env: Environment): Promise<Signed> {
  const folder = mkdtempSync(join(tmpdir(), 'sko-sign-'))
  const file = join(folder, 'statement')
  try {
    writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' })
    const made = await runHostCall({
      file: 'ssh-keygen',
      args: ['-Y', 'sign', '-n', signatureNamespace, '-f', path, file],
      cwd: folder,
      env: withoutQuestions(env),
      timeoutSeconds: signSeconds,
      maxBytes: 64 * 1024,
    })
    if (made.kind === 'timed-out') return refused(path, `gave no signature within ${signSeconds} s`)
    if (made.kind === 'spawn-failed') return refused(path, `is of no use without ssh-keygen: ${made.message}`)
    if (made.kind !== 'exited') return refused(path, 'could not be used: ssh-keygen did not end well')
    if (made.exitCode !== 0) return refused(path, whyNot(made.stderr))
    const parsed = parseSshSignature(readFileSync(`${file}.sig`))
    if (!parsed.ok) return refused(path, `made a signature that cannot be read: ${parsed.why}`)
    const sig = Buffer.from(parsed.value.blob).toString('base64')
    return { ok: true, signature: { keyid: fingerprint(parsed.value.publicKey), sig } }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function refused(path: string, what: string): Signed {
  return { ok: false, why: `the SSH key ${path} ${what}` }
}

function whyNot(stderr: string): string {
  if (/passphrase/i.test(stderr)) {
    return 'needs a passphrase, and sko runs unattended: add it to ssh-agent and name its .pub file'
  }
  if (/agent|No private key found/i.test(stderr)) {
    return `is not in ssh-agent: ssh-add it first (${quote(stderr, 200)})`
  }
  return `gave no signature: ${quote(stderr, 200) || 'ssh-keygen says nothing'}`
}

function withoutQuestions(env: Environment): Record<string, string> {
  const passed = ['PATH', 'HOME', 'SSH_AUTH_SOCK', 'SSH_SK_PROVIDER', 'TMPDIR', 'USER', 'LOGNAME']
  const known = passed.flatMap(name => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(known), SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C' }
}
