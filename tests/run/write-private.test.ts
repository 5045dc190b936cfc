import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { appendPrivate, writeNew } from '../../src/files/write-private.ts'
import { writePrivate } from '../../src/local/attempt-files.ts'

function scratch(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'sko write-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return name => join(folder, name)
}

it.each<[string, (path: string) => void | Promise<void>]>([
  ['the notifier', path => writeNew(path, 'ours')],
  ['an attempt', path => writePrivate(path, 'ours')],
])('%s writes no file through a link that an agent has put in its place', async (_, write) => {
  const path = scratch()
  writeFileSync(path('profile'), 'of the user')
  symlinkSync(path('profile'), path('to-a-file'))
  symlinkSync(path('nowhere'), path('dangling'))
  for (const name of ['to-a-file', 'dangling', 'new']) {
    await write(path(name))
    expect(lstatSync(path(name)).mode & 0o170777).toBe(0o100600)
    expect(readFileSync(path(name), 'utf8')).toBe('ours')
  }
  expect(readFileSync(path('profile'), 'utf8')).toBe('of the user')
  expect(existsSync(path('nowhere'))).toBe(false)
})

it('adds to no link, and waits for no reader of a pipe', () => {
  const path = scratch()
  writeFileSync(path('profile'), 'of the user')
  symlinkSync(path('profile'), path('link'))
  execFileSync('mkfifo', [path('pipe')])
  expect(() => appendPrivate(path('link'), 'ours')).toThrow('ELOOP')
  expect(() => appendPrivate(path('pipe'), 'ours')).toThrow('ENXIO')
  appendPrivate(path('log'), 'one\n')
  appendPrivate(path('log'), 'two\n')
  expect(readFileSync(path('log'), 'utf8')).toBe('one\ntwo\n')
  expect(lstatSync(path('log')).mode & 0o777).toBe(0o600)
  expect(readFileSync(path('profile'), 'utf8')).toBe('of the user')
})
