import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { requireRun } from '../../../src/cli/shared/stored-run.ts'

async function askedWith(missions: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), 'sko-no-run-'))
  for (const name of ['.kittify', ...missions.map(name => `kitty-specs/${name}`)]) {
    mkdirSync(join(root, name), { recursive: true })
  }
  const thrown: unknown = await requireRun(join(root, '.kittify')).catch(error => error)
  return { root, thrown }
}

it('without a run on disk, the commands that start one name the missions there are', async () => {
  const { thrown } = await askedWith(['001-a', "002 b's"])
  expect(thrown).toMatchObject({
    code: 'no-run',
    hint: '',
    next: [
      { command: 'sko orchestrate --mission 001-a', why: 'starts a run of this mission' },
      { command: "sko orchestrate --mission '002 b'\\''s'", why: 'starts a run of this mission' },
    ],
  })
})

it('of many missions some are named, and a command that lists them all', async () => {
  const names = ['1', '2', '3', '4', '5', '6', '7']
  const { thrown, root } = await askedWith(names)
  const last = { command: `ls '${root}/kitty-specs'`, why: 'names 2 more' }
  expect(thrown).toMatchObject({ next: expect.arrayContaining([last]) })
  expect(execFileSync('sh', ['-c', last.command]).toString().trim().split('\n')).toEqual(names)
})

it('without a mission it says so, and prints no command', async () => {
  const { thrown } = await askedWith([])
  expect(thrown).toMatchObject({ hint: expect.stringContaining('there is no mission'), next: [] })
})
