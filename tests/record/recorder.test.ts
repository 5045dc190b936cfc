import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ReviewRecord } from '../../src/core/record/review-record.ts'
import { createRecorder } from '../../src/record/recorder.ts'
import { parseEnvelope, parseStatement } from '../../src/record/schema.ts'
import type { StoredRecord } from '../../src/run/record/recorder.ts'
import { type ScratchRepository, scratchRepository, config as setting, type World } from '../git/scratch-repository.ts'
import { recordOf } from './a-record.ts'

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
