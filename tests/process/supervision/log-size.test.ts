import { spawnSync } from 'node:child_process'
import {
  closeSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { cutLogs, watchLogSize } from '../../../src/process/supervision/log-size.ts'

it('counts a log that was removed while it is written, tells once, and keeps nothing open', () => {
  vi.useFakeTimers()
  const folder = mkdtempSync(join(tmpdir(), 'sko-log-'))
  const [out, err] = [join(folder, 'out'), join(folder, 'err')]
  const descriptor = openSync(out, 'a')
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  let told = 0
  const size = watchLogSize([out, err], 10, () => told++)
  onTestFinished(() => {
    vi.useRealTimers()
    closeSync(descriptor)
    rmSync(folder, { recursive: true, force: true })
  })

  writeSync(descriptor, '0123456789')
  vi.advanceTimersByTime(3000)
  expect([told, size.isOver()]).toEqual([0, false])
  rmSync(out)
  writeSync(descriptor, 'x')
  vi.advanceTimersByTime(3000)
  expect([told, size.isOver()]).toEqual([1, true])
  size.stop()
  expect([open(), vi.getTimerCount()]).toEqual([before, 0])
})

it('does not wait where an agent has put a pipe in the place of its log, and counts no device', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko-log-'))
  const pipe = join(folder, 'out')
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

  const size = watchLogSize([pipe, '/dev/zero'], 10, () => expect.unreachable())

  expect(size.isOver()).toBe(false)
  size.stop()
})

it('cuts a log that is too long, and nothing that lies in its place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const at = (file: string) => join(folder, file)
  const [log, short, users] = [at('log'), at('short'), at('users')]
  const [link, name, pipe] = [at('link'), at('name'), at('pipe')]
  for (const file of [log, short, users]) writeFileSync(file, file === short ? '0123' : '0123456789')
  symlinkSync(users, link)
  linkSync(users, name)
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)

  cutLogs([log, short, link, name, pipe, at('none')], 5)

  expect([log, short, users].map(file => readFileSync(file, 'utf8'))).toEqual(['01234', '0123', '0123456789'])
})
