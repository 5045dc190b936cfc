import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { writersOf } from '../../src/process/table/open-files.ts'
import { envelope, print, type ScriptedHost, scriptedHost, slug } from './scripted-host.ts'

const data = { mission_slug: slug, accepted: true }
const accepted = envelope('accept-mission', data)
const refused = envelope('accept-mission', { message: 'not yet' }, { success: false, error_code: 'MISSION_NOT_READY' })

const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Counts its calls in `calls`. */
function accepting(options: { timeoutSeconds?: number } = {}): ScriptedHost {
  return scriptedHost(`echo call >> "$here/calls"\n${print(accepted)}`, options)
}

function callsOf(host: ScriptedHost): number {
  return existsSync(join(host.folder, 'calls')) ? host.file('calls').trim().split('\n').length : 0
}

const answerFileOf = (host: ScriptedHost) => join(host.folder, 'accept-mission.json')

function accept(host: ScriptedHost, calledBefore = true) {
  return host.client.acceptMission({ mission: slug, keptAnswer: { file: answerFileOf(host), calledBefore } })
}

/** A call of a process that has died: it prints `text` on command, then waits for the command to end. */
function callAtWork(host: ScriptedHost, text: string) {
  const descriptor = openSync(answerFileOf(host), 'wx', 0o600)
  const child = spawn('sh', ['-c', `read line\n${print(text)}\nread line`], { stdio: ['pipe', descriptor, 'ignore'] })
  closeSync(descriptor)
  started.push(child)
  return { pid: child.pid, print: () => child.stdin?.write('\n'), end: () => child.stdin?.end() }
}

it('is waited for, and the call is not made again', async () => {
  const host = accepting()
  const before = callAtWork(host, accepted)
  const answer = accept(host)
  before.print()
  expect(await answer).toEqual({ ok: true, data, contract: '1.5.0' })
  expect(callsOf(host)).toBe(0)
  before.end()
})

it('that says no is no answer to what is asked now, and is kept', async () => {
  const host = accepting()
  writeFileSync(answerFileOf(host), refused)
  expect(await accept(host)).toEqual({ ok: true, data, contract: '1.5.0' })
  expect(callsOf(host)).toBe(1)
  expect(host.file('accept-mission.json.before-1')).toBe(refused)
  expect(host.file('accept-mission.json').trim()).toBe(accepted)
  expect(statSync(answerFileOf(host)).mode & 0o777).toBe(0o600)
})

it.each([
  ['is not there, since the call was never made', null],
  ['was never printed, since the host died', ''],
  ['was cut off', accepted.slice(0, 40)],
  ['is about another mission', accepted.replace(slug, 'other-01M7YJ68')],
  ['is of another command', accepted.replace('accept-mission', 'merge-mission')],
])('that %s: the call is made again', async (_, left) => {
  const host = accepting()
  if (left !== null) writeFileSync(answerFileOf(host), left)
  expect(await accept(host)).toEqual({ ok: true, data, contract: '1.5.0' })
  expect(callsOf(host)).toBe(1)
})

it('of a call that ends without a word: then the call is made again', async () => {
  const host = accepting()
  const before = callAtWork(host, '')
  const answer = accept(host)
  before.print()
  before.end()
  expect(await answer).toEqual({ ok: true, data, contract: '1.5.0' })
  expect(callsOf(host)).toBe(1)
})

it('that does not come in time: no second call beside the first, and it says where it would come', async () => {
  const host = accepting({ timeoutSeconds: 1 })
  const { pid } = callAtWork(host, accepted)
  const who = `process ${pid} can still write to ${answerFileOf(host)}`
  expect(await accept(host)).toMatchObject({
    code: 'host-timed-out',
    message: `accept-mission, called earlier, gave no answer within another 1 s: ${who}`,
  })
  expect(callsOf(host)).toBe(0)
})

it('to a call that was never made is not believed', async () => {
  const host = accepting()
  writeFileSync(answerFileOf(host), accepted)
  expect(await accept(host, false)).toEqual({ ok: true, data, contract: '1.5.0' })
  expect(callsOf(host)).toBe(1)
})

it('lies behind a link that someone put there: what it leads to is neither changed nor removed', async () => {
  const host = accepting()
  writeFileSync(join(host.folder, 'precious'), 'precious')
  symlinkSync(join(host.folder, 'precious'), answerFileOf(host))
  expect(await accept(host, false)).toEqual({ ok: true, data, contract: '1.5.0' })
  expect(readFileSync(join(host.folder, 'precious'), 'utf8')).toBe('precious')
})

it('has no folder to come to: the call is not made, and the path is named', async () => {
  const host = accepting()
  const keptAnswer = { file: join(host.folder, 'gone', 'accept-mission.json'), calledBefore: true }
  expect(await host.client.acceptMission({ mission: slug, keptAnswer })).toMatchObject({
    code: 'call-failed',
    message: expect.stringContaining(join(host.folder, 'gone')),
  })
  expect(callsOf(host)).toBe(0)
})

it('does not wait for a process that only reads the file', () => {
  const host = accepting()
  const file = answerFileOf(host)
  writeFileSync(file, '')
  const reader = openSync(file, 'r')
  expect(writersOf(file)).toEqual([])
  const writer = openSync(file, 'a')
  expect(writersOf(file)).toEqual([process.pid])
  for (const descriptor of [reader, writer]) closeSync(descriptor)
  expect(writersOf(file)).toEqual([])
})
