import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { canonicalJson } from '../../src/core/record/canonical-json.ts'
import { type Envelope, payloadType } from '../../src/core/record/envelope.ts'
import { statementOf } from '../../src/core/record/statement.ts'
import { withSignature } from '../../src/record/sign/add-signature.ts'
import { openSigner } from '../../src/record/sign/open-signer.ts'
import { recordOf } from '../record/a-record.ts'
import { pemKey } from '../record/keys.ts'

const root = join(import.meta.dirname, '..', '..')

/** The programs of other people: Python's securesystemslib (DSSE) and in-toto-attestation (Statement). */
let python = ''

beforeAll(() => {
  python = execFileSync(process.execPath, [join(root, 'scripts', 'verifiers.mjs')], { encoding: 'utf8' }).trim()
  // Downloads packages once.
}, 600_000)

/** The program that docs/review-record.md shows. */
function programOfDocs(): string {
  const page = readFileSync(join(root, 'docs', 'review-record.md'), 'utf8')
  return /^```python\n([\s\S]*?)^```/m.exec(page)?.[1] ?? ''
}

const statementProgram = `
import base64, json, sys
from google.protobuf import json_format
import in_toto_attestation.v1.statement_pb2 as spb
from in_toto_attestation.v1.statement import Statement
payload = base64.b64decode(json.load(open(sys.argv[1]))["payload"])
statement = Statement.copy_from_pb(json_format.Parse(payload, spb.Statement()))
statement.validate()
print(json.dumps({"subjects": [dict(s.digest) for s in statement.pb.subject], "type": statement.pb.predicate_type}))
`

const answer = z.object({ subjects: z.array(z.record(z.string(), z.string())), type: z.string() })

function run(program: string, ...args: readonly string[]): { readonly ok: boolean; readonly said: string } {
  try {
    return {
      ok: true,
      said: execFileSync(python, ['-c', program, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim(),
    }
  } catch (error) {
    return { ok: false, said: error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error) }
  }
}

async function signedRecord() {
  const folder = mkdtempSync(join(tmpdir(), 'sko-independent-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const key = pemKey(folder)
  const statement = statementOf(recordOf({ after: 'c'.repeat(40) }), 'd'.repeat(40))
  const payload = Buffer.from(canonicalJson(statement)).toString('base64')
  const opened = await openSigner({ key: key.file, from: '/', env: {} })
  const made = opened.ok ? await withSignature({ payloadType, payload, signatures: [] }, opened.signer) : opened
  if (!made.ok) throw new Error(made.why)
  const write = (envelope: Envelope) => {
    const file = join(folder, `record-${Math.random()}.json`)
    writeFileSync(file, JSON.stringify(envelope))
    return file
  }
  return { folder, key, envelope: made.envelope, write }
}

describe('a signed record, for verifiers that are not ours', () => {
  it("is verified by securesystemslib, with the program of the docs, and is a Statement for in-toto's own library", async () => {
    const { key, envelope, write } = await signedRecord()
    const file = write(envelope)
    expect(run(programOfDocs(), file, key.publicLine)).toEqual({ ok: true, said: 'verified' })
    const { ok, said } = run(statementProgram, file)
    expect([ok, said]).toEqual([true, expect.any(String)])
    expect(answer.parse(JSON.parse(said))).toEqual({
      subjects: [{ gitCommit: 'c'.repeat(40) }, { gitTree: 'd'.repeat(40) }],
      type: 'pkg:npm/spec-kitty-orchestrator#review-record/v1',
    })
  })

  it('is refused by securesystemslib when the verdict, the tree or the key is another one', async () => {
    const { folder, key, envelope, write } = await signedRecord()
    const text = Buffer.from(envelope.payload, 'base64').toString()
    const altered = (from: string, to: string) => {
      const changed = text.replace(from, to)
      expect(changed).not.toBe(text)
      return write({ ...envelope, payload: Buffer.from(changed).toString('base64') })
    }
    const other = pemKey(folder, 'other.pem')
    const refusals = [
      run(programOfDocs(), altered('"approved"', '"changes_requested"'), key.publicLine),
      run(programOfDocs(), altered('d'.repeat(40), 'e'.repeat(40)), key.publicLine),
      run(programOfDocs(), write(envelope), other.publicLine),
      run(programOfDocs(), write({ ...envelope, signatures: [] }), key.publicLine),
      run(programOfDocs(), write({ ...envelope, payloadType: 'application/json' }), key.publicLine),
    ]
    for (const { ok, said } of refusals) {
      expect(ok).toBe(false)
      expect(said).toMatch(/VerificationError|IndexError|ValueError/)
    }
  })
})

describe('the line of a signers file', () => {
  it('of a key in PEM is printed by the command of the docs', async () => {
    const { folder, key } = await signedRecord()
    const page = readFileSync(join(root, 'docs', 'review-record.md'), 'utf8')
    const command = /^\(printf .*$/m.exec(page)?.[0] ?? ''
    const pub = join(folder, 'sko.pem')
    writeFileSync(pub, readFileSync(key.file), { mode: 0o600 })
    const printed = execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })
    expect(`ssh-ed25519 ${printed.trim()}`).toBe(key.publicLine)
  })
})
