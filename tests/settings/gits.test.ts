import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { isTooOld, oldestGit } from '../../src/git/version.ts'
import { differences } from '../../src/self-test/compare.ts'
import { seenIn } from '../self-test/seen-in.ts'

const cache = fileURLToPath(new URL('../../.cache/gits', import.meta.url))
/** `SKO_OLD_GIT=/path/to/bin/git` adds one that a person has built. */
const given = process.env.SKO_OLD_GIT ? [dirname(process.env.SKO_OLD_GIT)] : []
const folders = [...readdirSync(cache).map(name => join(cache, name, 'bin')), ...given].filter(existsSync)
const gits = await Promise.all(
  folders.map(async bin => ({ bin, version: (await execa(join(bin, 'git'), ['--version'])).stdout })),
)
const able = gits.filter(({ version }) => !isTooOld(version))

it(`has a git older than ${oldestGit}, and one that stores refs in tables`, () => {
  expect(gits.some(({ version }) => isTooOld(version))).toBe(true)
  expect(able.some(({ version }) => hasReftable(version))).toBe(true)
})

it.each(gits.filter(({ version }) => isTooOld(version)))('$version is refused', async ({ bin, version }) => {
  const seen = await seenIn({}, bin)
  expect(seen['find the repository']).toEqual({ error: `${version} is too old` })
})

describe.each(able)('$version', ({ bin }) => {
  it('answers as the git of this machine', async () => {
    expect(differences(await seenIn({}), await seenIn({}, bin))).toEqual([])
  })

  it('answers so in a repository with sha256 names', async () => {
    expect(differences(await seenIn({}), await seenIn({ objects: 'sha256' }, bin))).toEqual([])
  })
})

it.each(able.filter(({ version }) => hasReftable(version)))(
  '$version answers so where refs are in tables',
  async ({ bin }) => {
    expect(differences(await seenIn({}), await seenIn({ refs: 'reftable' }, bin))).toEqual([])
    expect(differences(await seenIn({}), await seenIn({ refs: 'reftable', objects: 'sha256' }, bin))).toEqual([])
  },
)

function hasReftable(version: string): boolean {
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  return major > 2 || minor >= 45
}
