import { execFileSync, spawn } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { signedBytes } from '../../src/core/record/envelope.ts'
import { withSignature } from '../../src/record/sign/add-signature.ts'
import { keyFile, openSigner } from '../../src/record/sign/open-signer.ts'
import { envelopeWith, folderOfTest, pemKey, sshKey } from './keys.ts'

const envelope = envelopeWith('{"a":1}')
const bytes = signedBytes(envelope.payloadType, Buffer.from('{"a":1}'))

async function signedBy(key: string, env: NodeJS.ProcessEnv = process.env) {
  const opened = await openSigner({ key, from: '/', env })
  return opened.ok ? withSignature(envelope, opened.signer) : opened
}

async function whyRefused(key: string, env?: NodeJS.ProcessEnv): Promise<string> {
  const made = await signedBy(key, env)
  if (made.ok) throw new Error('it signed')
  return made.why
}

describe('an Ed25519 key in PEM', () => {
  it('signs the bytes of DSSE, and is named by the fingerprint that ssh-keygen prints', async () => {
    const folder = folderOfTest()
    const { file, publicLine } = pemKey(folder)
    const made = await signedBy(file)
    if (!made.ok) throw new Error(made.why)
    const [signature] = made.envelope.signatures
    const publicKey = createPublicKey(readFileSync(file))
    expect(verify(null, bytes, publicKey, Buffer.from(signature?.sig ?? '', 'base64'))).toBe(true)
    writeFileSync(join(folder, 'key.pub'), `${publicLine}\n`)
    const listed = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'key.pub')], { encoding: 'utf8' })
    expect(signature?.keyid).toBe(listed.split(' ')[1])
  })

  it('signs once', async () => {
    const opened = await openSigner({ key: pemKey(folderOfTest()).file, from: '/', env: {} })
    if (!opened.ok) throw new Error(opened.why)
    const once = await withSignature(envelope, opened.signer)
    const twice = once.ok ? await withSignature(once.envelope, opened.signer) : once
    expect(twice).toEqual(once)
  })

  it('replaces a signature that only bears its name', async () => {
    const opened = await openSigner({ key: pemKey(folderOfTest()).file, from: '/', env: {} })
    if (!opened.ok) throw new Error(opened.why)
    const real = await withSignature(envelope, opened.signer)
    if (!real.ok) throw new Error(real.why)
    const [{ keyid } = { keyid: '' }] = real.envelope.signatures
    const planted = { ...envelope, signatures: [{ keyid, sig: Buffer.alloc(64).toString('base64') }] }
    await expect(withSignature(planted, opened.signer)).resolves.toEqual(real)
  })

  it('is refused with a word where it cannot be used', async () => {
    const folder = folderOfTest()
    const { file } = pemKey(folder)
    expect(await whyRefused(`${file}.gone`)).toBe(`there is no key ${file}.gone`)
    expect(await whyRefused(folder)).toContain('cannot be read')
    chmodSync(file, 0o644)
    expect(await whyRefused(file)).toBe(`other users can read the key ${file}: chmod 600 it`)
    const rsa = join(folder, 'rsa.pem')
    const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    writeFileSync(rsa, rsaKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
    expect(await whyRefused(rsa)).toBe(`the key ${rsa} is of type rsa: only Ed25519 is used here`)
    const locked = join(folder, 'locked.pem')
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
    writeFileSync(locked, pem, { mode: 0o600 })
    expect(await whyRefused(locked)).toContain('needs a passphrase, and sko runs unattended')
    const text = join(folder, 'text')
    writeFileSync(text, 'no key', { mode: 0o600 })
    expect(await whyRefused(text)).toBe(`the key ${text} is no private key in PEM`)
    const ssh = sshKey(folder)
    expect(await whyRefused(ssh.file)).toBe(`the key ${ssh.file} is an SSH key: name it as ssh:${ssh.file}`)
  })
})

describe('an SSH key', () => {
  it.each([
    ['Ed25519', ['-t', 'ed25519']],
    ['RSA', ['-t', 'rsa', '-b', '2048']],
    ['ECDSA', ['-t', 'ecdsa', '-b', '384']],
  ])('of type %s makes a signature that ssh-keygen verifies', async (_, args) => {
    const folder = folderOfTest()
    const { file, publicLine } = sshKey(folder, args)
    const made = await signedBy(`ssh:${file}`)
    if (!made.ok) throw new Error(made.why)
    const sig = Buffer.from(made.envelope.signatures[0]?.sig ?? '', 'base64').toString('base64')
    const armoured = `-----BEGIN SSH SIGNATURE-----\n${sig.replace(/.{70}/g, '$&\n')}\n-----END SSH SIGNATURE-----\n`
    writeFileSync(join(folder, 'sig'), armoured)
    writeFileSync(join(folder, 'signers'), `me ${publicLine}\n`)
    const verifying = ['-Y', 'verify', '-f', 'signers', '-I', 'me', '-n', 'sko-attestation', '-s', 'sig']
    const said = execFileSync('ssh-keygen', verifying, { cwd: folder, input: bytes, encoding: 'utf8' })
    expect(said).toContain('Good "sko-attestation" signature for me')
    expect(said).toContain(made.envelope.signatures[0]?.keyid)
  })

  it('that needs a passphrase is refused at once, and no program asks for it', async () => {
    const folder = folderOfTest()
    const { file } = sshKey(folder, ['-t', 'ed25519'], 'secret')
    const askpass = join(folder, 'askpass')
    writeFileSync(askpass, `#!/bin/sh\ntouch ${folder}/asked\necho secret\n`, { mode: 0o755 })
    const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' }
    expect(await whyRefused(`ssh:${file}`, env)).toBe(
      `the SSH key ${file} needs a passphrase, and sko runs unattended: add it to ssh-agent and name its .pub file`,
    )
    expect(() => readFileSync(join(folder, 'asked'))).toThrow()
  })

  it('in ssh-agent signs by the name of its public half, and is refused when the agent does not have it', async () => {
    const folder = folderOfTest()
    const { file } = sshKey(folder, ['-t', 'ed25519'])
    const socket = join(folder, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(async () => {
      agent.kill()
      await once(agent, 'exit')
    })
    await once(agent.stdout, 'data')
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    writeFileSync(join(folder, 'alone.pub'), readFileSync(`${file}.pub`))
    expect(await whyRefused(`ssh:${folder}/alone.pub`, env)).toContain('is not in ssh-agent: ssh-add it first')
    execFileSync('ssh-add', ['-q', file], { env, stdio: 'ignore' })
    expect(await signedBy(`ssh:${folder}/alone.pub`, env)).toMatchObject({ ok: true })
  })

  it('is refused where other users can read it, or there is no such file', async () => {
    const { file } = sshKey(folderOfTest())
    chmodSync(file, 0o640)
    expect(await whyRefused(`ssh:${file}`)).toBe(`other users can read the key ${file}: chmod 600 it`)
    expect(await whyRefused('ssh:/nowhere/key')).toBe('there is no key /nowhere/key')
    expect(await whyRefused('ssh:/nowhere/key.pub')).toBe('there is no key /nowhere/key.pub')
  })

  it('is of no use without ssh-keygen', async () => {
    const { file } = sshKey(folderOfTest())
    expect(await whyRefused(`ssh:${file}`, { PATH: '/nowhere' })).toContain('is of no use without ssh-keygen')
  })
})

describe('the path of a key', () => {
  it.each([
    ['key.pem', '/repo/key.pem'],
    ['ssh:keys/id', '/repo/keys/id'],
    ['/etc/key', '/etc/key'],
    ['ssh:~/id', `${process.env.HOME}/id`],
  ])('%s is %s', (key, path) => {
    expect(keyFile(key, '/repo')).toBe(path)
  })
})
