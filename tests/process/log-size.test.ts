import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { watchLogSize } from '../../src/process/log-size.ts'

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

it('waits for nobody where an agent has put a pipe in the place of its log, and counts no device', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko-log-'))
  const pipe = join(folder, 'out')
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

  const size = watchLogSize([pipe, '/dev/zero'], 10, () => expect.unreachable())

  expect(size.isOver()).toBe(false)
  size.stop()
})
