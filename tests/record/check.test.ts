import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Envelope, signedBytes } from '../../src/core/record/envelope.ts'
import { sshEncoded } from '../../src/core/record/ssh-key.ts'
import { type AllowedSigner, matchesAny, parseAllowedSigners } from '../../src/record/check/allowed-signers.ts'
import { checkSignatures, describeSignature } from '../../src/record/check/signatures.ts'
import { withSignature } from '../../src/record/sign/add-signature.ts'
import { ed25519Blob } from '../../src/record/sign/fingerprint.ts'
import { openSigner } from '../../src/record/sign/open-signer.ts'
import { envelopeWith, folderOfTest, pemKey, sshKey } from './keys.ts'

const now = Date.parse('2026-11-30T12:00:00Z')
const envelope = envelopeWith('{"verdict":"approved"}')

async function signedWith(key: string): Promise<Envelope> {
  const opened = await openSigner({ key, from: '/', env: process.env })
  const made = opened.ok ? await withSignature(envelope, opened.signer) : opened
  if (!made.ok) throw new Error(made.why)
  return made.envelope
}

function signers(content: string): readonly AllowedSigner[] {
  const parsed = parseAllowedSigners(content)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.value
}

function kindsOf(checked: Envelope, content: string) {
  return checkSignatures(checked, signers(content), now).map(({ kind }) => kind)
}

const altered = { ...envelope, payload: Buffer.from('{"verdict":"rejected"}').toString('base64') }

describe.each([
  ['an Ed25519 key in PEM', (folder: string) => ({ ...pemKey(folder), prefix: '' })],
  ['an SSH key of type ed25519', (folder: string) => ({ ...sshKey(folder), prefix: 'ssh:' })],
  ['rsa', (folder: string) => ({ ...sshKey(folder, ['-t', 'rsa', '-b', '2048']), prefix: 'ssh:' })],
  ['ecdsa 256', (folder: string) => ({ ...sshKey(folder, ['-t', 'ecdsa', '-b', '256']), prefix: 'ssh:' })],
  ['ecdsa 384', (folder: string) => ({ ...sshKey(folder, ['-t', 'ecdsa', '-b', '384']), prefix: 'ssh:' })],
  ['ecdsa 521', (folder: string) => ({ ...sshKey(folder, ['-t', 'ecdsa', '-b', '521']), prefix: 'ssh:' })],
])('a signature with %s', (_, make) => {
  it('is valid by its principal, and worthless for another payload, by another key or at another time', async () => {
    const folder = folderOfTest()
    const { file, publicLine, prefix } = make(folder)
    const other = pemKey(folder, 'other.pem')
    const signed = await signedWith(`${prefix}${file}`)
    const line = `alice@example.com ${publicLine} her key`
    expect(checkSignatures(signed, signers(line), now)).toEqual([
      { kind: 'valid', keyid: signed.signatures[0]?.keyid, principals: 'alice@example.com' },
    ])
    expect(kindsOf({ ...altered, signatures: signed.signatures }, line)).toEqual(['altered'])
    expect(kindsOf(signed, `bob ${other.publicLine}`)).toEqual(['unknown-signer'])
    expect(kindsOf(signed, '# nothing')).toEqual(['unknown-signer'])
    expect(kindsOf(signed, `a valid-before="20261130120000Z" ${publicLine}`)).toEqual(['expired'])
    expect(kindsOf(signed, `a valid-before="202611301201Z" ${publicLine}`)).toEqual(['valid'])
    expect(kindsOf(signed, `a valid-after="20261201Z" ${publicLine}`)).toEqual(['not-yet-valid'])
    expect(kindsOf(signed, `a namespaces="git,file" ${publicLine}`)).toEqual(['other-namespace'])
    expect(kindsOf(signed, `a namespaces="git,sko-*" ${publicLine}`)).toEqual(['valid'])
    expect(kindsOf(signed, `a namespaces="!sko-attestation,*" ${publicLine}`)).toEqual(['other-namespace'])
    const twice = `a valid-before="2020" ${publicLine}`.replace('2020"', '20200101"')
    expect(kindsOf(signed, `${twice}\nb ${publicLine}`)).toEqual(['valid'])
  })
})

describe('a signature', () => {
  it('of another namespace, such as one for git, is not one of a record', async () => {
    const folder = folderOfTest()
    const { file, publicLine } = sshKey(folder)
    const data = join(folder, 'data')
    writeFileSync(data, signedBytes(envelope.payloadType, Buffer.from(envelope.payload, 'base64')))
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'git', '-f', file, data])
    const sig = execFileSync('sed', ['-n', '/^[^-]/p', `${data}.sig`], { encoding: 'utf8' }).replaceAll('\n', '')
    const [check] = checkSignatures({ ...envelope, signatures: [{ keyid: '', sig }] }, signers(`a ${publicLine}`), now)
    expect(check).toMatchObject({ kind: 'unreadable', why: 'it was made for git, not for sko-attestation' })
  })

  it('with the name of a known key and other bytes is altered, not unknown', async () => {
    const { file, publicLine } = pemKey(folderOfTest())
    const signed = await signedWith(file)
    const [{ keyid } = { keyid: '' }] = signed.signatures
    const forged = { ...signed, signatures: [{ keyid, sig: Buffer.alloc(64, 7).toString('base64') }] }
    const [check] = checkSignatures(forged, signers(`alice ${publicLine}`), now)
    expect(check).toEqual({ kind: 'altered', keyid, principals: 'alice' })
    expect(check && describeSignature(check)).toBe(`altered: the record is not what alice (${keyid}) has signed`)
  })

  it.each(['', 'U1NIU0lH', 'AAAA', Buffer.from('SSHSIG\0\0\0\u0001').toString('base64')])(
    'of odd bytes (%j) is valid for nobody',
    async sig => {
      const { publicLine } = pemKey(folderOfTest())
      const kinds = kindsOf({ ...envelope, signatures: [{ keyid: 'x', sig }] }, `a ${publicLine}`)
      expect(['unreadable', 'unknown-signer']).toContain(kinds[0])
    },
  )

  it('of a hardware key covers what the key adds to it (PROTOCOL.u2f)', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const [, point = new Uint8Array()] = [0, ed25519Blob(publicKey).subarray(-32)]
    const type = Buffer.from('sk-ssh-ed25519@openssh.com')
    const application = Buffer.from('ssh:')
    const blob = sshEncoded(type, point, application)
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
    const bytes = signedBytes(envelope.payloadType, Buffer.from(envelope.payload, 'base64'))
    const names = ['sko-attestation', '', 'sha512'].map(name => Buffer.from(name))
    const message = Buffer.concat([
      Buffer.from('SSHSIG'),
      sshEncoded(...names, createHash('sha512').update(bytes).digest()),
    ])
    const touched = Buffer.from([1, 0, 0, 0, 9])
    const made = sign(null, Buffer.concat([sha256(application), touched, sha256(message)]), privateKey)
    const inner = (rest: Uint8Array) => Buffer.concat([sshEncoded(type, made), rest])
    const whole = (rest: Uint8Array) =>
      Buffer.concat([Buffer.from('SSHSIG\0\0\0\u0001'), sshEncoded(blob, ...names, inner(rest))]).toString('base64')
    const line = `hw ${type} ${Buffer.from(blob).toString('base64')}`
    const kinds = (rest: Uint8Array) => kindsOf({ ...envelope, signatures: [{ keyid: '', sig: whole(rest) }] }, line)
    expect(kinds(touched)).toEqual(['valid'])
    expect(kinds(Buffer.from([0, 0, 0, 0, 9]))).toEqual(['altered'])
    expect(kinds(Buffer.from([]))).toEqual(['altered'])
  })
})

describe('a signers file', () => {
  const key = () => pemKey(folderOfTest()).publicLine

  it('may have comments, quoted principals and several names', () => {
    const line = key()
    const parsed = signers(`# a comment\n\n"al ice",*@example.com namespaces="a b" ${line} comment here\r\n`)
    expect(parsed).toMatchObject([{ principals: 'al ice,*@example.com', namespaces: ['a b'] }])
  })

  it.each([
    ['a cert-authority', 'a cert-authority KEY', 'line 2: the option cert-authority is not supported'],
    ['an unknown option', 'a verify-required KEY', 'line 2: the option verify-required is not supported'],
    ['a time that is none', 'a valid-before="soon" KEY', 'line 2: valid-before is no time: soon'],
    ['no key', 'a ssh-ed25519', 'line 2: expected principals, options if there are any'],
    ['a key of another type', 'a ssh-rsa KEY', 'line 2: the key is of type ssh-ed25519, not ssh-rsa'],
    ['a broken key', 'a ssh-ed25519 AAAA', 'line 2: it is no SSH public key'],
    ['a type that is not supported', 'a ssh-dss AAAAB3NzaC1kc3MAAAABAA==', 'line 2: keys of type ssh-dss'],
  ])('with %s is refused as a whole', (_, text, why) => {
    const [type = '', base64 = ''] = key().split(' ')
    const line = text.startsWith('a ssh-rsa') ? `a ssh-rsa ${base64}` : text.replace('KEY', `${type} ${base64}`)
    const parsed = parseAllowedSigners(`ok ${type} ${base64}\n${line}\n`)
    expect(parsed).toMatchObject({ ok: false, why: expect.stringContaining(why) })
  })

  it.each([
    ['a.b', ['a.b'], true],
    ['aXb', ['a.b'], false],
    ['sko-attestation', ['sko-*'], true],
    ['sko', ['sk?'], true],
    ['sko', ['*', '!sko'], false],
    ['sko', [], false],
  ])('matches %s with %j: %s', (text, patterns, expected) => {
    expect(matchesAny(text, patterns)).toBe(expected)
  })
})
