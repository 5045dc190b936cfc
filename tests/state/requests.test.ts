import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  answerRequest,
  clearRequests,
  isTaken,
  leaveRequest,
  readAnswer,
  requestsFolder,
  takeRequests,
  withdrawRequest,
} from '../../src/state/requests.ts'
import { wp } from '../run/fakes.ts'

const done = { done: true, message: 'paused', hint: null }

function kittify(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'sko-requests-')), '.kittify')
  mkdirSync(folder)
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true }))
  return folder
}

const filesOf = (folder: string) => readdirSync(requestsFolder(folder))

describe('a request', () => {
  it('is left whole and for its owner alone, taken once, answered, and gone', async () => {
    const folder = kittify()
    const request = { kind: 'skip', wpId: wp('WP02'), reason: 'not needed' } as const
    const id = await leaveRequest(folder, request, 1_795_000_000_000)
    expect(filesOf(folder)).toEqual([`${id}.json`])
    expect(statSync(join(requestsFolder(folder), `${id}.json`)).mode & 0o777).toBe(0o600)
    expect(statSync(requestsFolder(folder)).mode & 0o777).toBe(0o700)
    expect(isTaken(folder, id)).toBe(false)

    expect(takeRequests(folder)).toEqual([{ id, taken: false, request, problem: null }])
    expect(takeRequests(folder)).toEqual([])
    expect([isTaken(folder, id), withdrawRequest(folder, id), readAnswer(folder, id)]).toEqual([true, false, null])

    await answerRequest(folder, id, done)
    expect(filesOf(folder)).toEqual([`${id}.answer`])
    expect([readAnswer(folder, id), readAnswer(folder, id)]).toEqual([done, null])
    expect(filesOf(folder)).toEqual([])
  })

  it('is taken with the longest reason that an argument can be', async () => {
    const folder = kittify()
    const request = { kind: 'skip', wpId: wp('WP02'), reason: '\u001b'.repeat(128 * 1024) } as const
    const id = await leaveRequest(folder, request, 1_795_000_000_000)
    expect(takeRequests(folder)).toEqual([{ id, taken: false, request, problem: null }])
  })

  it('that was withdrawn is never taken', async () => {
    const folder = kittify()
    const id = await leaveRequest(folder, { kind: 'pause' }, 1_795_000_000_000)
    expect([withdrawRequest(folder, id), withdrawRequest(folder, id)]).toEqual([true, false])
    expect(takeRequests(folder)).toEqual([])
  })

  it('is taken after those that were left before it', async () => {
    const folder = kittify()
    await leaveRequest(folder, { kind: 'continue' }, 1_795_000_000_002)
    await leaveRequest(folder, { kind: 'pause' }, 1_795_000_000_001)
    expect(takeRequests(folder).map(({ request }) => request?.kind)).toEqual(['pause', 'continue'])
  })

  it('is not written through a link that leads elsewhere', async () => {
    const folder = kittify()
    symlinkSync(tmpdir(), requestsFolder(folder))
    await expect(leaveRequest(folder, { kind: 'pause' }, 1)).rejects.toMatchObject({ code: 'state-unwritable' })
    expect(takeRequests(folder)).toEqual([])
  })
})

describe('what is no request', () => {
  const good = { version: 1, kind: 'retry', wpId: 'WP01', reason: null }
  it.each([
    ['an unknown kind', JSON.stringify({ ...good, kind: 'abort' })],
    ['another version', JSON.stringify({ ...good, version: 2 })],
    ['a WP that is a path', JSON.stringify({ ...good, wpId: '../../WP01' })],
    ['a WP that is a flag', JSON.stringify({ ...good, wpId: '--force' })],
    ['a retry of nothing', JSON.stringify({ version: 1, kind: 'retry' })],
    ['half of one', JSON.stringify(good).slice(0, 20)],
    ['a list', '[]'],
    ['nothing', ''],
    ['one that is too long', JSON.stringify({ ...good, reason: 'x'.repeat(1024 * 1024) })],
  ])('%s is removed and reported', (_, text) => {
    const folder = kittify()
    mkdirSync(requestsFolder(folder))
    writeFileSync(join(requestsFolder(folder), '1795000000000-0000000a.json'), text)
    expect(takeRequests(folder)).toMatchObject([{ request: null, problem: expect.stringMatching(/./) }])
    expect(filesOf(folder)).toEqual([])
  })

  it('a link is removed, and what it leads to is not read', () => {
    const folder = kittify()
    mkdirSync(requestsFolder(folder))
    const target = join(folder, 'target.json')
    writeFileSync(target, JSON.stringify(good))
    symlinkSync(target, join(requestsFolder(folder), '1795000000000-0000000a.json'))
    expect(takeRequests(folder)).toMatchObject([{ request: null }])
    expect(filesOf(folder)).toEqual([])
    expect(readFileSync(target, 'utf8')).toBe(JSON.stringify(good))
  })

  it('a file with another name is removed and reported, a half-written one and a folder are left, and never reported', () => {
    const folder = kittify()
    mkdirSync(join(requestsFolder(folder), 'folder'), { recursive: true })
    for (const name of ['x\u001b[31m.json', '1795000000000-0000000a.json.tmp']) {
      writeFileSync(join(requestsFolder(folder), name), '{}')
    }
    expect(takeRequests(folder).map(({ id }) => id)).toEqual(['x.json'])
    expect(takeRequests(folder)).toEqual([])
    expect(filesOf(folder)).toEqual(['1795000000000-0000000a.json.tmp', 'folder'])
  })
})

describe('what a run that died left', () => {
  it('is removed, reported with how far it came, and answered', async () => {
    const folder = kittify()
    const first = await leaveRequest(folder, { kind: 'pause' }, 1_795_000_000_001)
    takeRequests(folder)
    const second = await leaveRequest(folder, { kind: 'continue' }, 1_795_000_000_002)
    const answered = await leaveRequest(folder, { kind: 'pause' }, 1_795_000_000_000)
    await answerRequest(folder, answered, done)
    withdrawRequest(folder, answered)

    const cleared = await clearRequests(folder, { ...done, done: false })

    expect(cleared.map(({ id, taken }) => [id, taken])).toEqual([
      [first, true],
      [second, false],
    ])
    expect(filesOf(folder).toSorted()).toEqual([`${first}.answer`, `${second}.answer`])
  })
})
