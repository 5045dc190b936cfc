import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/core/record/envelope.ts'
import { bundlePath } from '../../src/core/record/stored.ts'
import { createAttestations } from '../../src/git/attestations/attestations.ts'
import { checkBundle } from '../../src/record/check/keyless.ts'
import { describeSignature } from '../../src/record/check/signatures.ts'
import { parseSigners } from '../../src/record/check/signers.ts'
import { parseTrustedRoots } from '../../src/record/check/trusted-root.ts'
import { readRecordFile, readRecords } from '../../src/record/read.ts'
import { createRecorder } from '../../src/record/recorder.ts'
import { openKeyless } from '../../src/record/sign/keyless.ts'
import { openSigning } from '../../src/record/sign/open-signing.ts'
import { signStored } from '../../src/record/sign-stored.ts'
import { storeRecord } from '../../src/record/store-record.ts'
import { outcomeOf } from '../../src/run/git/git-work.ts'
import { type ScratchRepository, scratchRepository } from '../git/scratch-repository.ts'
import { recordOf } from './a-record.ts'
import { envelopeWith, pemKey } from './keys.ts'
import { issuer, type Sigstore, sigstoreOfTest, workflow } from './sigstore.ts'

const envelope: Envelope = envelopeWith('{"a":1}')
const line = `ci sigstore-identity ${issuer} ${workflow}`

async function bundleBy({ env, services }: Sigstore, of = envelope): Promise<string> {
  const opened = await openKeyless(env, services)
  const made = opened.ok ? await opened.sign(of) : opened
  if (!made.ok) throw new Error(made.why)
  return made.content
}

async function whyRefused({ env, services }: Pick<Sigstore, 'env' | 'services'>): Promise<string> {
  const opened = await openKeyless(env, services)
  const made = opened.ok ? await opened.sign(envelope) : opened
  if (made.ok) throw new Error('it signed')
  return made.why
}

function trustIn(root: string | null, signers = line) {
  const who = parseSigners(signers)
  if (!who.ok) throw new Error(who.why)
  const roots = root === null ? null : parseTrustedRoots(root)
  if (roots !== null && !roots.ok) throw new Error(roots.why)
  return { identities: who.value.identities, roots: roots?.value ?? null }
}

describe('a keyless signature', () => {
  it('is valid for the workflow that made it', async () => {
    const made = await sigstoreOfTest()
    const check = await checkBundle(await bundleBy(made), envelope, trustIn(made.root))
    expect(check).toEqual({ kind: 'valid', keyid: workflow, principals: 'ci' })
    expect(describeSignature(check)).toBe(`signed by ci (${workflow})`)
  })

  it('is the same payload in an envelope of its own', async () => {
    const content = await bundleBy(await sigstoreOfTest())
    expect(JSON.parse(content)).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      dsseEnvelope: { payload: envelope.payload, payloadType: envelope.payloadType, signatures: [{}] },
      verificationMaterial: { tlogEntries: [{ kindVersion: { kind: 'dsse' } }] },
    })
  })

  it('does not count without a trusted root, and says so', async () => {
    const check = await checkBundle(await bundleBy(await sigstoreOfTest()), envelope, trustIn(null))
    expect(check).toEqual({ kind: 'not-checked', keyid: workflow })
    expect(describeSignature(check)).toContain('was not checked: --trusted-root <file> is missing')
  })

  it('is found altered when the record says something else', async () => {
    const made = await sigstoreOfTest()
    const check = await checkBundle(await bundleBy(made), envelopeWith('{"a":2}'), trustIn(made.root))
    expect(check).toEqual({ kind: 'altered', keyid: workflow, principals: 'ci' })
  })

  it('is found altered when its own payload or signature was changed', async () => {
    const made = await sigstoreOfTest()
    const content = await bundleBy(made)
    const other = envelopeWith('{"a":2}')
    const forged = content.replace(envelope.payload, other.payload)
    expect(await checkBundle(forged, other, trustIn(made.root))).toMatchObject({ kind: 'altered' })
    const { dsseEnvelope } = JSON.parse(await bundleBy(made, other))
    const parsed = JSON.parse(content)
    parsed.dsseEnvelope.signatures = dsseEnvelope.signatures
    expect(await checkBundle(JSON.stringify(parsed), envelope, trustIn(made.root))).toMatchObject({ kind: 'altered' })
  })

  it('is of an unknown identity when the workflow, the issuer or a letter differs', async () => {
    const made = await sigstoreOfTest()
    const content = await bundleBy(made)
    const check = async (signers: string) => (await checkBundle(content, envelope, trustIn(made.root, signers))).kind
    expect(await check(`ci sigstore-identity ${issuer} ${workflow}2`)).toBe('unknown-identity')
    expect(await check(`ci sigstore-identity ${issuer} ${workflow.slice(0, -1)}`)).toBe('unknown-identity')
    // As a pattern, this would match.
    expect(await check(`ci sigstore-identity ${issuer} https://github.com/.*`)).toBe('unknown-identity')
    expect(await check(`ci sigstore-identity https://other.example ${workflow}`)).toBe('unknown-identity')
    expect(await check(`a sigstore-identity https://other.example ${workflow}\n${line}`)).toBe('valid')
    const stranger = await sigstoreOfTest({ issuer: 'https://other.example' })
    const theirs = await checkBundle(await bundleBy(stranger), envelope, trustIn(stranger.root))
    expect(theirs).toEqual({ kind: 'unknown-identity', keyid: workflow, issuer: 'https://other.example' })
    expect(describeSignature(theirs)).toContain('of https://other.example: no line of the signers file has it')
  })

  it('does not count when another Sigstore made it', async () => {
    const [made, other] = [await sigstoreOfTest(), await sigstoreOfTest()]
    const check = await checkBundle(await bundleBy(made), envelope, trustIn(other.root))
    expect(check).toMatchObject({ kind: 'untrusted', keyid: workflow })
    expect(describeSignature(check)).toContain('which the trusted root does not confirm')
    // One of several roots is enough.
    const both = trustIn(`${other.root}\n${made.root}\n`)
    expect(await checkBundle(await bundleBy(made), envelope, both)).toMatchObject({ kind: 'valid' })
  })

  it('does not count without an entry in the log', async () => {
    const made = await sigstoreOfTest()
    const parsed = JSON.parse(await bundleBy(made))
    parsed.verificationMaterial.tlogEntries = []
    const check = await checkBundle(JSON.stringify(parsed), envelope, trustIn(made.root))
    expect(check.kind).toBe('untrusted')
  })

  it.each(['', 'text', '{}', '[]', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'])(
    'that is %j is unreadable',
    async content => {
      expect(await checkBundle(content, envelope, trustIn(null))).toMatchObject({ kind: 'unreadable' })
    },
  )
})

describe('keyless signing', () => {
  it('is refused outside a job of GitHub Actions that may have a token', async () => {
    const why = 'keyless signing needs a job of GitHub Actions with the permission id-token: write'
    expect(await whyRefused({ env: {}, services: {} })).toBe(why)
    expect(await whyRefused({ env: { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1' }, services: {} })).toBe(why)
  })

  it('is refused without its package', async () => {
    const { env } = await sigstoreOfTest()
    const opened = await openKeyless(env, {}, () => Promise.reject(new Error('Cannot find package')))
    const why = 'keyless signing needs a package that is not installed: npm install --global @sigstore/sign@4'
    expect(opened).toEqual({ ok: false, why })
  })

  it.each([
    [/^\/token/, 'keyless signing has no token from GitHub Actions: it answers 500'],
    [/signingCert/, 'keyless signing has no certificate from Fulcio: '],
    [/log\/entries/, 'keyless signing has no entry in the log Rekor: '],
  ])('says which service failed: %s', async (broken, why) => {
    expect(await whyRefused(await sigstoreOfTest({ broken }))).toContain(why)
  })

  it('says that a service cannot be reached', async () => {
    const { env } = await sigstoreOfTest()
    const nowhere = 'http://127.0.0.1:1'
    expect(await whyRefused({ env, services: { fulcio: nowhere, rekor: nowhere } })).toContain('ECONNREFUSED')
    const offline = { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: `${nowhere}/token` }
    expect(await whyRefused({ env: offline, services: {} })).toContain('no token from GitHub Actions: fetch failed')
  })
})

describe('a signers file with keyless identities', () => {
  it('has both kinds of lines, and names the line that is odd', () => {
    const key = `alice ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB2sRKv6bIn2vGpxOiHlLQRdRNhZqzrxzpHxE8hEvTCK`
    const parsed = parseSigners(`# who\n${line}\n${key}\n`)
    expect(parsed).toMatchObject({ ok: true, value: { keys: [{ principals: 'alice' }], identities: [{ issuer }] } })
    for (const odd of [
      'ci sigstore-identity',
      `ci sigstore-identity ${issuer}`,
      `${line} more`,
      `ci sigstore-identity a b`,
    ]) {
      expect(parseSigners(`${line}\n${odd}`)).toMatchObject({ ok: false, why: expect.stringContaining('line 2: ') })
    }
    expect(parseSigners(`${line}\nno key`)).toMatchObject({ ok: false, why: expect.stringContaining('line 2: ') })
  })

  it.each(['', 'x', '{}', '[]', 'null'])('needs a trusted root that is one: %j', content => {
    expect(parseTrustedRoots(content)).toMatchObject({ ok: false })
  })
})

describe('a record with a keyless signature', () => {
  function repositoryOfTest(): ScratchRepository {
    const repository = scratchRepository()
    mkdirSync(join(repository.root, '.kittify', 'logs', 'run-1'), { recursive: true })
    return repository
  }

  const placeIn = ({ root }: ScratchRepository, made: Sigstore) => ({
    attestations: createAttestations(root),
    kittify: join(root, '.kittify'),
    logs: join(root, '.kittify', 'logs', 'run-1'),
    openSigning: () => openSigning({ key: 'keyless', from: root, env: made.env, services: made.services }),
  })

  async function stored(repository: ScratchRepository, made: Sigstore) {
    const record = recordOf({ after: repository.git(repository.root, 'rev-parse', 'HEAD') })
    const outcome = await outcomeOf(storeRecord(record, [], placeIn(repository, made)))
    if (!outcome.ok) throw new Error(outcome.message)
    return outcome.data
  }

  it('has it beside itself, in the repository and beside the logs', async () => {
    const [repository, made] = [repositoryOfTest(), await sigstoreOfTest()]
    const found = await stored(repository, made)
    expect(found).toMatchObject({ signers: [workflow], unsigned: null, isNew: true })
    const content = repository.git(repository.root, 'show', `${found.commit}:${bundlePath(found.path)}`)
    expect(bundlePath(found.path)).toBe(`demo/${found.after}.sigstore.json`)
    expect(readFileSync(bundlePath(found.file), 'utf8').trim()).toBe(content)
    const records = await readRecords(repository.root)
    if (!records.ok) throw new Error(records.message)
    const [read] = records.data.records
    expect(records.data).toMatchObject({ odd: [], records: [{ place: found.path }] })
    const trust = trustIn(made.root)
    if (!read?.bundle) throw new Error('no bundle')
    expect(await checkBundle(read.bundle, read.envelope, trust)).toMatchObject({ kind: 'valid' })
    expect(readRecordFile(found.file)).toMatchObject({ ok: true, value: { bundle: read.bundle } })
  })

  it('is stored unsigned with the reason when the log does not answer', async () => {
    const made = await sigstoreOfTest({ broken: /log\/entries/ })
    const found = await stored(repositoryOfTest(), made)
    expect(found).toMatchObject({ signers: [], unsigned: expect.stringContaining('no entry in the log Rekor') })
  })

  it('gets it later too, and keeps the signature of a key', async () => {
    const [repository, made] = [repositoryOfTest(), await sigstoreOfTest()]
    const { root, git } = repository
    const kittify = join(root, '.kittify')
    const run = { runId: 'run-1', startedAt: '2026-11-30T01:00:00.000Z', mission: { slug: 'demo', id: null } }
    const config = { record: { sign: pemKey(root).file } }
    const recorder = createRecorder({ root, kittify, logs: join(kittify, 'logs'), ...run, config, env: {} })
    const first = await recorder.store(recordOf({ after: git(root, 'rev-parse', 'HEAD') }), [])
    if (!first.ok) throw new Error(first.message)
    const before = await readRecords(root)
    if (!before.ok) throw new Error(before.message)
    const signing = { key: 'keyless', from: root, env: made.env, services: made.services }
    expect(await signStored(root, before.data.records, signing)).toMatchObject({ ok: true, signed: [first.data.path] })
    const after = await readRecords(root)
    expect(after).toMatchObject({
      ok: true,
      data: { odd: [], records: [{ envelope: before.data.records[0]?.envelope, bundle: expect.any(String) }] },
    })
  })

  it('loses it when the record is replaced by one that says something else', async () => {
    const [repository, made] = [repositoryOfTest(), await sigstoreOfTest()]
    const { root } = repository
    const first = await stored(repository, made)
    const record = { ...recordOf({ after: first.after }), given: [] }
    const unsigned = { ...placeIn(repository, made), openSigning: null }
    const second = await outcomeOf(storeRecord(record, [], unsigned))
    expect(second).toMatchObject({ ok: true, data: { isNew: true } })
    expect(repository.git(root, 'ls-tree', '-r', '--name-only', 'refs/sko/attestations')).toBe(first.path)
  })

  it('is named when it stands without its record', async () => {
    const [repository, made] = [repositoryOfTest(), await sigstoreOfTest()]
    const found = await stored(repository, made)
    const files = [{ path: found.path, content: null }]
    await createAttestations(repository.root).add({ files, parents: [], message: 'x' })
    const place = bundlePath(found.path)
    expect(await readRecords(repository.root)).toMatchObject({ ok: true, data: { records: [], odd: [{ place }] } })
  })
})
