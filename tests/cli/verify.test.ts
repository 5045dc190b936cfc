import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { attestationsRef } from '../../src/core/record/stored.ts'
import { withSignature } from '../../src/record/sign/add-signature.ts'
import { openSigner } from '../../src/record/sign/open-signer.ts'
import { cover } from '../in-full.ts'
import { pemKey } from '../record/keys.ts'
import { runSko, type SkoResult } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

interface Merged {
  readonly mission: Scenario
  /** Who may sign: the key of the run. */
  readonly signers: string
  /** The copy of the record beside the logs. */
  readonly record: string
  /** `sko verify` with these arguments, in a folder. */
  verify(folder: string, ...args: readonly string[]): Promise<SkoResult>
  git(folder: string, ...args: readonly string[]): string
  /** A plain clone, with the records. */
  clone(): string
  /** Stores a changed record in the clone. */
  store(folder: string, change: (envelope: Envelope) => Envelope | Promise<Envelope>): Promise<void>
}

const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })),
})
type Envelope = z.infer<typeof envelopeSchema>

const author = { GIT_AUTHOR_NAME: 'A\u001b[31m Person', GIT_AUTHOR_EMAIL: 'a@example.invalid' }
const committer = { GIT_COMMITTER_NAME: 'A Person', GIT_COMMITTER_EMAIL: 'a@example.invalid' }

/** A mission of two work packages that a run has merged, with a signed record. */
async function merged(strategy: string, topology: 'coord' | 'lanes'): Promise<Merged> {
  const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology })
  const folder = mission.path('keys')
  mkdirSync(folder)
  const key = pemKey(folder)
  await mission.writeConfig(`finish: {merge: ${strategy}}\nrecord: {sign: ${key.file}}\n`)
  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  const { file: record } = z.object({ file: z.string() }).parse(result.events().find(({ type }) => type === 'recorded'))
  const signers = join(folder, 'signers')
  writeFileSync(signers, `alice@example.com ${key.publicLine}\n`)
  const git = (cwd: string, ...args: readonly string[]) => {
    const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...author, ...committer }
    return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }
  const made: Merged = {
    mission,
    signers,
    record,
    git,
    verify: (cwd, ...args) => runSko(mission, ['verify', ...args], { cwd }),
    clone: () => {
      const clone = mission.path(`clone-${Math.random()}`)
      git(folder, 'clone', '--quiet', `file://${mission.repo}`, clone)
      git(clone, 'fetch', '--quiet', 'origin', `${attestationsRef}:${attestationsRef}`)
      return clone
    },
    store: async (cwd, change) => {
      const path = git(cwd, 'ls-tree', '-r', '--name-only', attestationsRef)
      const changed = await change(envelopeSchema.parse(JSON.parse(git(cwd, 'show', `${attestationsRef}:${path}`))))
      writeFileSync(join(folder, 'record'), JSON.stringify(changed))
      const blob = git(cwd, 'hash-object', '-w', join(folder, 'record'))
      git(cwd, 'checkout', '--quiet', '--detach', attestationsRef)
      git(cwd, 'update-index', '--add', '--cacheinfo', `100644,${blob},${path}`)
      git(cwd, 'commit', '--quiet', '--message', 'change')
      git(cwd, 'update-ref', attestationsRef, 'HEAD')
      git(cwd, 'checkout', '--quiet', '--force', 'work')
    },
  }
  return made
}

/** The payload with another text in it. */
function altered(envelope: Envelope, from: RegExp, to: string): Envelope {
  const text = Buffer.from(envelope.payload, 'base64').toString()
  expect(text).toMatch(from)
  return { ...envelope, payload: Buffer.from(text.replace(from, to)).toString('base64') }
}

describe.each(
  cover(2, [
    ['merge', 'lanes'],
    ['squash', 'lanes'],
    ['merge', 'coord'],
    ['squash', 'coord'],
    ['rebase', 'lanes'],
  ] as const),
)('after a run that merged by %s in %s topology', (strategy, topology) => {
  it('passes in a plain clone without a project, and in a bare one', async () => {
    const made = await merged(strategy, topology)
    const plain = made.mission.path('plain')
    made.git(made.mission.repo, 'clone', '--quiet', `file://${made.mission.repo}`, plain)
    const without = await made.verify(plain)
    expect([without.exitCode, without.stdout]).toEqual([2, ''])
    const [, command = ''] = /next: (git fetch origin \S+)/.exec(without.stderr) ?? []
    execFileSync('sh', ['-c', command], { cwd: plain, stdio: 'ignore' })
    rmSync(join(plain, '.kittify'), { recursive: true, force: true })
    const found = await made.verify(plain, '--signers', made.signers)
    expect([found.exitCode, found.stderr]).toEqual([0, ''])
    expect(found.stdout).toMatch(/^\d+ commits? in [0-9a-f]{10}\.\.[0-9a-f]{10}, since the merge of /)
    expect(found.stdout).toContain('every commit is covered\n')
    expect(found.stdout).toContain('signed by alice@example.com')
    expect(found.stdout).toMatch(/judged \(WP01(?:, WP02)? by codex\)/)
    const bare = made.mission.path('bare.git')
    made.git(plain, 'clone', '--quiet', '--bare', `file://${plain}`, bare)
    made.git(bare, 'fetch', '--quiet', `file://${plain}`, `${attestationsRef}:${attestationsRef}`)
    expect((await made.verify(bare, 'work')).exitCode).toBe(0)
    const json = await made.verify(made.mission.repo, '--json', '--signers', made.signers)
    expect(JSON.parse(json.stdout)).toMatchObject({ proven: true, signatures: 'checked', uncovered: [] })
  })
})

describe('a record in a file', () => {
  it('takes the place of our ref, and its signature is checked', async () => {
    const { mission, git, verify, signers, record: file } = await merged('merge', 'lanes')
    const plain = mission.path('plain')
    git(mission.repo, 'clone', '--quiet', `file://${mission.repo}`, plain)
    const found = await verify(plain, '--record', file, '--signers', signers)
    expect([found.exitCode, found.stderr]).toEqual([0, ''])
    expect(found.stdout).toContain('every commit is covered\n')
    expect(found.stdout).toContain(`record ${file}: signed by alice@example.com`)
    writeFileSync(file, '{}')
    const broken = await verify(plain, '--record', file)
    expect([broken.exitCode, broken.stdout]).toEqual([1, ''])
    expect(broken.stderr).toContain(`no record can be read: ${file}: `)
    const gone = await verify(plain, '--record', `${file}.none`)
    expect([gone.exitCode, gone.stdout]).toEqual([1, ''])
    expect(gone.stderr).toContain(`no record can be read: ${file}.none: `)
  })

  it('of a squash lacks the commits of the lanes, and the command that gets them is named', async () => {
    const { mission, git, verify, record: file } = await merged('squash', 'lanes')
    const plain = mission.path('plain')
    git(mission.repo, 'clone', '--quiet', `file://${mission.repo}`, plain)
    const found = await verify(plain, '--record', file)
    expect(found.exitCode).toBe(1)
    const [, command = ''] =
      /^MISSING: this repository lacks 2 lanes that the record names: (.*)$/m.exec(found.stdout) ?? []
    execFileSync('sh', ['-c', command], { cwd: plain, stdio: 'ignore' })
    expect((await verify(plain, '--record', file)).exitCode).toBe(0)
  })
})

describe('sko verify names', () => {
  it('each commit that nothing covers, with its files, and says it in words that do no harm', async () => {
    const made = await merged('merge', 'lanes')
    const clone = made.clone()
    const before = made.git(clone, 'rev-parse', 'HEAD')
    writeFileSync(join(clone, 'sneaked.txt'), 'x\n')
    made.git(clone, 'add', '.')
    made.git(clone, 'commit', '--quiet', '--message', 'Harmless\u001b[2J fix')
    const extra = made.git(clone, 'rev-parse', 'HEAD')
    const found = await made.verify(clone)
    expect(found.exitCode).toBe(1)
    expect(found.stdout).toContain(`  ${extra.slice(0, 10)} Harmless fix (A Person)\n    sneaked.txt\n`)
    expect(found.stdout).toContain('1 NOT COVERED')
    expect(found.stdout).toContain('signatures were not checked')
    expect((await made.verify(clone, `HEAD~1`)).exitCode).toBe(0)
    expect((await made.verify(clone, `${before}..HEAD`)).exitCode).toBe(1)

    // Another tree in place of the merge, by the same parents.
    made.git(clone, 'reset', '--quiet', '--soft', before)
    made.git(clone, 'commit', '--quiet', '--amend', '--no-edit')
    const amended = await made.verify(clone, '--json')
    expect(amended.exitCode).toBe(1)
    expect(JSON.parse(amended.stdout)).toMatchObject({
      proven: false,
      range: { moved: true },
      uncovered: [{ commit: made.git(clone, 'rev-parse', 'HEAD'), files: ['sneaked.txt'] }],
    })

    // A commit of a lane, moved to the target.
    made.git(clone, 'reset', '--quiet', '--hard', `${before}^1`)
    made.git(
      clone,
      'cherry-pick',
      `${before}^2`,
      ...(made.git(clone, 'rev-list', '--no-walk', `${before}^2^@`).includes('\n') ? ['-m', '1'] : []),
    )
    const moved = await made.verify(clone)
    expect(moved.exitCode).toBe(1)
    expect(moved.stdout).toContain(made.git(clone, 'rev-parse', '--short=10', 'HEAD'))
  })

  it('records that were altered, forged, or signed by a key that is unknown or has expired', async () => {
    const made = await merged('merge', 'lanes')
    const withSigners = (folder: string) => made.verify(folder, '--signers', made.signers)
    const verdict = made.clone()
    await made.store(verdict, envelope => altered(envelope, /"summary":"[^"]*"/, '"summary":"Better."'))
    const one = await withSigners(verdict)
    expect(one.exitCode).toBe(1)
    expect(one.stdout).toMatch(/BROKEN RECORD: .*altered: the record is not what alice@example.com/)
    expect(one.stdout).toContain('NOT COVERED')

    const tree = made.clone()
    await made.store(tree, envelope => altered(envelope, /"gitTree":"[0-9a-f]{4}/, '"gitTree":"0000'))
    const two = await made.verify(tree)
    expect(two.exitCode).toBe(1)
    expect(two.stdout).toMatch(/BROKEN RECORD: .*has the tree .*and the record is about 0000/)

    const forged = made.clone()
    const stranger = pemKey(made.mission.path('keys'), 'stranger.pem')
    const opened = await openSigner({ key: stranger.file, from: '/', env: process.env })
    await made.store(forged, async envelope => {
      const unsigned = { ...altered(envelope, /"summary":"[^"]*"/, '"summary":"Mine."'), signatures: [] }
      const signed = opened.ok ? await withSignature(unsigned, opened.signer) : opened
      if (!signed.ok) throw new Error(signed.why)
      return envelopeSchema.parse(signed.envelope)
    })
    const three = await withSigners(forged)
    expect(three.exitCode).toBe(1)
    expect(three.stdout).toMatch(/BROKEN RECORD: .*signed by an unknown key/)

    await made.store(forged, envelope => ({ ...envelope, signatures: [] }))
    const four = await withSigners(forged)
    expect([four.exitCode, /BROKEN RECORD: .*it is not signed/.test(four.stdout)]).toEqual([1, true])

    const old = made.mission.path('old-signers')
    const [, line = ''] = /^\S+ (.*)$/m.exec(execFileSync('cat', [made.signers], { encoding: 'utf8' })) ?? []
    writeFileSync(old, `alice@example.com valid-before="20260101Z" ${line}\n`)
    const five = await made.verify(made.clone(), '--signers', old)
    expect(five.exitCode).toBe(1)
    expect(five.stdout).toMatch(/BROKEN RECORD: .*whose key has expired at 2026-01-01/)

    await made.store(forged, envelope => ({ ...envelope, payload: Buffer.from('{}').toString('base64') }))
    expect((await made.verify(forged, 'HEAD~1..HEAD')).stdout).toMatch(/BROKEN RECORD: .*not as documented/)
  })
})

describe('sko verify --sign', () => {
  it('adds a signature to what it has verified, and to nothing else', async () => {
    const made = await merged('merge', 'lanes')
    const clone = made.clone()
    const ci = pemKey(made.mission.path('keys'), 'ci.pem')
    const onlyCi = made.mission.path('ci-signers')
    writeFileSync(onlyCi, `ci@example.com ${ci.publicLine}\n`)
    const unknown = await made.verify(clone, '--signers', onlyCi, '--sign', ci.file)
    expect([unknown.exitCode, unknown.stdout.includes('signed by an unknown key')]).toEqual([1, true])
    const signed = await made.verify(clone, '--signers', made.signers, '--sign', ci.file)
    expect([signed.exitCode, signed.stderr]).toEqual([0, ''])
    expect(signed.stdout).toMatch(/^signed \S+\.json in refs\/sko\/attestations$/m)
    for (const signers of [onlyCi, made.signers]) {
      expect((await made.verify(clone, '--signers', signers)).exitCode).toBe(0)
    }
    const again = await made.verify(clone, '--sign', ci.file)
    expect(again.stdout).toMatch(/^this key had signed \S+\.json before$/m)
    const missing = await made.verify(clone, '--sign', 'no-key.pem')
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('not signed: ')])
    const before = made.git(clone, 'rev-parse', attestationsRef)
    const outside = await made.verify(clone, '--sign', 'keyless')
    const why = 'not signed: keyless signing needs a job of GitHub Actions with the permission id-token: write'
    expect([outside.exitCode, outside.stdout, outside.stderr]).toEqual([2, '', expect.stringContaining(why)])
    expect(made.git(clone, 'rev-parse', attestationsRef)).toBe(before)
    const root = made.mission.path('no-root.json')
    writeFileSync(root, '{}')
    const odd = await made.verify(clone, '--signers', onlyCi, '--trusted-root', root)
    expect([odd.exitCode, odd.stderr]).toEqual([2, expect.stringContaining('it names no certificate authority')])
    const alone = await made.verify(clone, '--trusted-root', root)
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('it is of use only with --signers')])
  })
})

describe('sko verify refuses', () => {
  it('what it cannot look at, and says what to do', async () => {
    const made = await merged('squash', 'lanes')
    const shallow = made.mission.path('shallow')
    made.git(made.mission.repo, 'clone', '--quiet', '--depth', '1', `file://${made.mission.repo}`, shallow)
    made.git(shallow, 'fetch', '--quiet', '--depth', '1', 'origin', `${attestationsRef}:${attestationsRef}`)
    const cut = await made.verify(shallow)
    expect([cut.exitCode, cut.stdout]).toEqual([2, ''])
    const [, command = ''] = /next: (git fetch --unshallow)/.exec(cut.stderr) ?? []
    execFileSync('sh', ['-c', command], { cwd: shallow, stdio: 'ignore' })
    expect((await made.verify(shallow)).exitCode).toBe(0)

    const clone = made.clone()
    const says = async (...args: readonly string[]) => {
      const found = await made.verify(clone, ...args)
      expect([found.exitCode, found.stdout]).toEqual([2, ''])
      return found.stderr
    }
    expect(await says('no-such-branch')).toContain('there is no commit no-such-branch here')
    expect(await says('--', '--all')).toContain('there is no commit --all here')
    expect(await says('a...b')).toContain('a...b is not a range')
    expect(await says('--signers', 'none')).toContain('the signers file none cannot be used')
    expect(await says('--repo-root', 'nowhere')).toContain('there is no folder nowhere')
    made.git(clone, 'checkout', '--quiet', '--orphan', 'other')
    made.git(clone, 'commit', '--quiet', '--allow-empty', '--message', 'other')
    expect(await says()).toContain('no record says from where to look at HEAD')
    const outside = await made.verify(made.mission.path('keys'))
    expect([outside.exitCode, outside.stderr]).toEqual([2, expect.stringContaining('not in a git repository')])
  })
})
