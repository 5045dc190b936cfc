import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withoutGitRedirections } from '../../../src/process/inherited-environment.ts'
import { lastWrite } from '../../../src/process/supervision/worktree-writes.ts'
import { eventually } from '../leaks.ts'

const never = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'sko-writes-'))
const main = join(folder, 'main')
const lane = join(main, '.worktrees', 'lane-a')
const inLane = (...path: readonly string[]) => join(lane, ...path)

const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', args, { cwd, env: { ...withoutGitRedirections(process.env), ...identity }, stdio: 'pipe' })

beforeAll(() => {
  mkdirSync(main)
  git(main, 'init', '--quiet')
  git(main, 'commit', '--quiet', '--allow-empty', '-m', 'one')
  git(main, 'worktree', 'add', '--quiet', lane)
  mkdirSync(inLane('a', 'b'), { recursive: true })
  for (const name of ['a/b/kept', 'a/b/removed', 'moved']) writeFileSync(inLane(name), 'x')
  mkdirSync(join(folder, 'elsewhere'))
  symlinkSync(join(folder, 'elsewhere'), inLane('link'))
  symlinkSync(lane, inLane('circle'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The change time of what was written last, after which the file system's clock has advanced: its tick is 1 to 4 ms. */
async function since(): Promise<number> {
  const last = (await lastWrite(lane, 0, never)) ?? 0
  const probe = join(folder, 'probe')
  await eventually(() => {
    writeFileSync(probe, '')
    return lstatSync(probe).ctimeMs > last
  }, 'the clock of the file system goes on')
  return last
}

describe('lastWrite', () => {
  it.each([
    ['a file whose time is set back', () => utimesSync(inLane('a/b/kept'), 0, 0)],
    ['a file in place', () => truncateSync(inLane('a/b/kept'), 0)],
    ['a new file', () => writeFileSync(inLane('a/b/new'), '')],
    ['a file that is gone', () => rmSync(inLane('a/b/removed'))],
    ['a commit, which is in the main repository only', () => git(lane, 'commit', '--allow-empty', '-m', 'two')],
  ])('sees %s', async (_, write) => {
    const before = await since()
    write()
    expect(await lastWrite(lane, before, never)).toBeGreaterThan(before)
    expect(await lastWrite(lane, await since(), never)).toBe(null)
  })

  it('finds the last of several', async () => {
    const before = await since()
    writeFileSync(inLane('moved'), 'first')
    await since()
    writeFileSync(inLane('a/b/kept'), 'last')
    const last = lstatSync(inLane('a/b/kept')).ctimeMs
    expect(await lastWrite(lane, before, never)).toBe(last)
  })

  it.each([
    ['what is behind a link', () => writeFileSync(join(folder, 'elsewhere', 'new'), '')],
    ['what is only read', () => readFileSync(inLane('moved'))],
    ['a commit in the main checkout', () => git(main, 'commit', '--quiet', '--allow-empty', '-m', 'three')],
    ['our own look at the lane', () => git(lane, '--no-optional-locks', 'status')],
  ])('does not take %s for a write', async (_, act) => {
    const before = await since()
    act()
    expect(await lastWrite(lane, before, never)).toBe(null)
  })

  it('sees nothing in a worktree that is gone, and takes no harm from a pointer that leads nowhere', async () => {
    expect(await lastWrite(inLane('gone'), 0, never)).toBe(null)
    for (const pointer of ['gitdir: /no/such\0place\n', 'gitdir: /dev\n', 'x'.repeat(5000)]) {
      const odd = mkdtempSync(join(folder, 'odd-'))
      writeFileSync(join(odd, '.git'), pointer)
      expect(await lastWrite(odd, Date.now() + 60_000, never)).toBe(null)
    }
  })

  it('waits for no writer of a pipe in the place of the pointer', async () => {
    const odd = mkdtempSync(join(folder, 'odd-'))
    execFileSync('/bin/sh', ['-c', 'mkfifo .git'], { cwd: odd })
    expect(await lastWrite(odd, 0, never)).toBe(lstatSync(join(odd, '.git')).ctimeMs)
  })

  it('ends when it is not asked any more', async () => {
    expect(await lastWrite(lane, 0, AbortSignal.abort())).toBe(null)
  })
})
