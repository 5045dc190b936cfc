import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ReviewRecord } from '../../src/core/record/review-record.ts'
import { statementOf } from '../../src/core/record/statement.ts'
import { readRecordFile, readRecords } from '../../src/record/read.ts'
import { createRecorder } from '../../src/record/recorder.ts'
import { parseEnvelope, parseStatement } from '../../src/record/schema.ts'
import { signStored } from '../../src/record/sign-stored.ts'
import type { StoredRecord } from '../../src/run/record/recorder.ts'
import { type ScratchRepository, scratchRepository, config as setting, type World } from '../git/scratch-repository.ts'
import { recordOf } from './a-record.ts'
import { envelopeWith, folderOfTest, pemKey } from './keys.ts'

const ref = 'refs/sko/attestations'

function recorderIn({ root }: ScratchRepository, sign: string | null = null) {
  const kittify = join(root, '.kittify')
  const logs = join(kittify, 'logs', 'run-1')
  mkdirSync(logs, { recursive: true })
  const run = { runId: 'run-1', startedAt: '2026-11-30T01:00:00.000Z', mission: { slug: 'demo', id: null } }
  return createRecorder({ root, kittify, logs, ...run, config: { record: { sign } }, env: process.env })
}

async function stored(made: ScratchRepository, record: ReviewRecord, parents: readonly string[] = []) {
  const outcome = await recorderIn(made).store(record, parents)
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.data
}

function shownIn({ root, git }: ScratchRepository, { path, commit }: StoredRecord): string {
  return git(root, 'show', `${commit}:${path}`)
}

describe('the recorder', () => {
  it('stores an unsigned in-toto statement about the commit and its tree', async () => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const record = recordOf({ after })
    const found = await stored(made, record)
    expect(found).toMatchObject({ ref, path: `demo/${after}.json`, signers: [], unsigned: null, isNew: true })
    const content = shownIn(made, found)
    const envelope = parseEnvelope(content)
    if (!envelope.ok) throw new Error(envelope.why)
    expect(envelope.value).toMatchObject({ payloadType: 'application/vnd.in-toto+json', signatures: [] })
    const tree = made.git(made.root, 'rev-parse', 'HEAD^{tree}')
    expect(parseStatement(envelope.value)).toEqual({
      ok: true,
      value: {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [
          { name: 'refs/heads/work', digest: { gitCommit: after } },
          { name: 'refs/heads/work^{tree}', digest: { gitTree: tree } },
        ],
        predicateType: 'pkg:npm/spec-kitty-orchestrator#review-record/v1',
        predicate: record,
      },
    })
  })

  it('puts a copy that only the user can read beside the logs', async () => {
    const made = scratchRepository()
    const found = await stored(made, recordOf({ after: made.git(made.root, 'rev-parse', 'HEAD') }))
    expect(readFileSync(found.file, 'utf8').trim()).toBe(shownIn(made, found))
    expect(statSync(found.file).mode & 0o777).toBe(0o600)
  })

  it('makes a chain of commits: the record before it, then the commits that it names', async () => {
    const made = scratchRepository()
    const first = await stored(made, recordOf({ after: made.git(made.root, 'rev-parse', 'HEAD') }))
    made.git(made.lane, 'commit', '--allow-empty', '--quiet', '-m', 'more')
    const lane = made.git(made.lane, 'rev-parse', 'HEAD')
    const second = await stored(made, recordOf({ after: lane }), [lane])
    expect(made.git(made.root, 'rev-list', '--parents', '-n1', ref).split(' ')).toEqual([
      second.commit,
      first.commit,
      lane,
    ])
    expect(made.git(made.root, 'ls-tree', '-r', '--name-only', ref).split('\n').toSorted()).toEqual(
      [first.path, second.path].toSorted(),
    )
  })

  it('stores the same record once, whenever it was written', async () => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const first = await stored(made, recordOf({ after }))
    const again = await stored(made, recordOf({ after, recordedAt: '2026-11-30T09:00:00.000Z' }))
    expect(again).toMatchObject({ commit: first.commit, isNew: false })
    expect(made.git(made.root, 'rev-list', '--count', ref)).toBe('1')
  })

  it.each([
    ['says something else', (content: string) => content.replace(/"payload": "[^"]*"/, '"payload": "e30="')],
    ['is no envelope', () => 'planted'],
  ])('does not believe a file in its place that %s', async (_, change) => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const first = await stored(made, recordOf({ after }))
    plant(made, first.path, change(shownIn(made, first)))
    const again = await stored(made, recordOf({ after }))
    expect(again.isNew).toBe(true)
    expect(shownIn(made, again)).toBe(shownIn(made, first))
  })

  it('fails where an agent has put something else under the name of our ref, and leaves it', async () => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const blob = made.git(made.root, 'rev-parse', 'HEAD:base.txt')
    made.git(made.root, 'update-ref', ref, blob)
    const outcome = await recorderIn(made).store(recordOf({ after }), [])
    expect(outcome).toMatchObject({ ok: false, message: expect.stringContaining(`${ref} is not a commit`) })
    expect(made.git(made.root, 'rev-parse', ref)).toBe(blob)
  })

  it('works in a repository with SHA-256 ids', async () => {
    const made = scratchRepository()
    const root = join(made.root, '..', 'sha256')
    made.git(made.root, 'init', '--quiet', '--object-format=sha256', root)
    made.git(root, 'commit', '--quiet', '--allow-empty', '-m', 'Base')
    const there = { ...made, root }
    const after = made.git(root, 'rev-parse', 'HEAD')
    const found = await stored(there, recordOf({ after }), [after])
    expect(after).toHaveLength(64)
    expect(await readRecords(root)).toMatchObject({ ok: true, data: { tip: found.commit, records: [{}], odd: [] } })
  })

  it('works in a linked worktree and in a repository whose git folder is elsewhere', async () => {
    const made = scratchRepository()
    const linked = { ...made, root: made.lane }
    const after = made.git(made.lane, 'rev-parse', 'HEAD')
    await stored(linked, recordOf({ after }))
    const elsewhere = join(made.root, '..', 'elsewhere')
    made.git(made.root, 'clone', '--quiet', '--separate-git-dir', `${elsewhere}.git`, made.root, elsewhere)
    const found = await stored({ ...made, root: elsewhere }, recordOf({ after }))
    expect(made.git(elsewhere, 'rev-parse', ref)).toBe(found.commit)
    expect(await readRecords(made.root)).toMatchObject({ data: { records: [{}] } })
  })

  it('fails for a target that git does not have', async () => {
    const made = scratchRepository()
    const outcome = await recorderIn(made).store(recordOf({ after: 'f'.repeat(40) }), [])
    expect(outcome).toMatchObject({ ok: false })
    expect(made.git(made.root, 'for-each-ref', 'refs/sko')).toBe('')
  })

  it.each<[string, World]>([
    ['signs every commit', setting(['commit.gpgsign', 'true'], ['gpg.program', '/bin/false'])],
    ['has no identity', setting(['user.useConfigOnly', 'true'], ['user.name', ''])],
    ['logs no ref updates', setting(['core.logAllRefUpdates', 'false'])],
    ['has a hook on every ref', setting(['core.hooksPath', '/nowhere'])],
  ])('works where git %s', async (_, world) => {
    const made = scratchRepository()
    world(made)
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const found = await stored(made, recordOf({ after }), [after])
    expect(made.git(made.root, 'rev-parse', ref)).toBe(found.commit)
  })

  it('changes no other ref, no file and no index', async () => {
    const made = scratchRepository()
    const seen = () => [
      made
        .git(made.root, 'for-each-ref')
        .split('\n')
        .filter(line => !line.endsWith(ref)),
      made.git(made.root, 'status', '--porcelain', '--ignored=no', '--', ':!.kittify'),
      made.git(made.root, 'rev-parse', 'HEAD'),
    ]
    const before = seen()
    await stored(made, recordOf({ after: made.git(made.root, 'rev-parse', 'HEAD') }))
    expect(seen()).toEqual(before)
  })
})

function plant({ root, git }: ScratchRepository, path: string, content: string): void {
  const write = (input: string, ...args: readonly string[]) =>
    execFileSync('git', args, { cwd: root, input, encoding: 'utf8' }).trim()
  const [folder = '', name = ''] = path.split('/')
  const blob = write(content, 'hash-object', '-w', '--stdin')
  const inner = write(`100644 blob ${blob}\t${name}\n`, 'mktree')
  const outer = write(`040000 tree ${inner}\t${folder}\n`, 'mktree')
  git(root, 'update-ref', ref, git(root, 'commit-tree', outer, '-p', ref, '-m', 'planted'))
}

describe('the records of several machines', () => {
  /** Two clones of one remote, each with a commit of its own. */
  function twoMachines() {
    const here = scratchRepository()
    const remote = join(here.root, '..', 'remote.git')
    here.git(here.root, 'init', '--quiet', '--bare', remote)
    here.git(here.root, 'remote', 'add', 'origin', remote)
    const there = scratchRepository()
    there.git(there.root, 'remote', 'add', 'origin', remote)
    return { here, there, remote }
  }

  const push = async (made: ScratchRepository) => recorderIn(made).share('origin')
  const headOf = ({ root, git }: ScratchRepository) => git(root, 'rev-parse', 'HEAD')

  it('are joined on the way to the remote, without force', async () => {
    const { here, there, remote } = twoMachines()
    const first = await stored(here, recordOf({ after: headOf(here), mission: 'here' }))
    const second = await stored(there, recordOf({ after: headOf(there), mission: 'there' }))
    expect(await push(here)).toEqual({ ok: true, data: null })
    expect(await push(there)).toEqual({ ok: true, data: null })
    expect(await push(here)).toEqual({ ok: true, data: null })
    for (const made of [here, there])
      expect(made.git(made.root, 'rev-parse', ref)).toBe(here.git(remote, 'rev-parse', ref))
    const names = here.git(remote, 'ls-tree', '-r', '--name-only', ref).split('\n')
    expect(names.toSorted()).toEqual([first.path, second.path].toSorted())
    expect(here.git(remote, 'rev-list', ref).split('\n')).toEqual(expect.arrayContaining([first.commit, second.commit]))
    expect(here.git(here.root, 'for-each-ref', 'refs/sko/fetched')).toBe('')
  })

  it('keep the signatures of both where both have signed the same record', async () => {
    const { here, there } = twoMachines()
    const folder = folderOfTest()
    const after = headOf(here)
    await stored(here, recordOf({ after }))
    await push(here)
    there.git(there.root, 'fetch', '--quiet', 'origin', `${ref}:${ref}`)
    for (const [made, name] of [
      [here, 'a'],
      [there, 'b'],
    ] as const) {
      const records = await readRecords(made.root)
      if (!records.ok) throw new Error(records.message)
      const key = { key: pemKey(folder, name).file, from: '/', env: {} }
      expect(await signStored(made.root, records.data.records, key)).toMatchObject({
        ok: true,
        signed: [`demo/${after}.json`],
      })
      expect(await signStored(made.root, records.data.records, key)).toMatchObject({ ok: true })
    }
    await push(here)
    await push(there)
    const joined = await readRecords(there.root)
    expect(joined).toMatchObject({ ok: true, data: { odd: [] } })
    expect(joined.ok && joined.data.records[0]?.envelope.signatures.length).toBe(2)
  })

  it('that the remote refuses are not pushed, with its reason', async () => {
    const { here, remote } = twoMachines()
    await stored(here, recordOf({ after: headOf(here) }))
    writeFileSync(join(remote, 'hooks', 'pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const pushed = await push(here)
    expect(pushed).toMatchObject({ ok: true, data: expect.stringContaining('pre-receive hook declined') })
    rmSync(remote, { recursive: true })
    expect(await push(here)).toMatchObject({
      ok: true,
      data: expect.stringContaining('does not appear to be a git repository'),
    })
  })
})

describe('a reader of the records', () => {
  it('finds none where there is no ref', async () => {
    expect(await readRecords(scratchRepository().root)).toEqual({ ok: true, data: { tip: null, records: [], odd: [] } })
  })

  it('names what is no record, and what stands in the place of another', async () => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const found = await stored(made, recordOf({ after }))
    const content = shownIn(made, found)
    plant(made, `demo/${'e'.repeat(40)}.json`, content)
    expect(await readRecords(made.root)).toMatchObject({
      ok: true,
      data: { records: [], odd: [{ place: `demo/${'e'.repeat(40)}.json`, why: `it is a record of ${found.path}` }] },
    })
    plant(made, 'demo/notes.txt', 'é planted')
    expect(await readRecords(made.root)).toMatchObject({
      data: {
        records: [],
        odd: [{ place: 'demo/notes.txt', why: expect.stringContaining('the envelope is not as documented') }],
      },
    })
  })

  it('refuses a record whose subject is another commit than it is about', async () => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const statement = statementOf(recordOf({ after }), after)
    const [commit, tree] = statement.subject
    const other = { ...statement, subject: [{ ...commit, digest: { gitCommit: 'f'.repeat(40) } }, tree] }
    await stored(made, recordOf({ after }))
    plant(made, `demo/${after}.json`, JSON.stringify(envelopeWith(JSON.stringify(other))))
    expect(await readRecords(made.root)).toMatchObject({
      data: { records: [], odd: [{ why: `its subject is ${'f'.repeat(40)}, and it is about a merge to ${after}` }] },
    })
  })

  it('reads the copy beside the logs', async () => {
    const made = scratchRepository()
    const after = made.git(made.root, 'rev-parse', 'HEAD')
    const { file } = await stored(made, recordOf({ after }))
    expect(readRecordFile(file)).toMatchObject({
      ok: true,
      value: { place: file, statement: { predicate: { target: { after } } } },
    })
    expect(readRecordFile(`${file}.gone`)).toMatchObject({ ok: false, why: expect.stringContaining('ENOENT') })
  })
})
