import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { findRepository } from '../../src/git/repository.ts'
import { gitVersion, isTooOld } from '../../src/git/version.ts'
import { scratchRepository } from './scratch-repository.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([
  ['git version 2.30.2', true],
  ['git version 1.8.3.1', true],
  ['git version 2.31.0', false],
  ['git version 2.39.5 (Apple Git-154)', false],
  ['git version 2.55.GIT', false],
  ['git version 3.0.0', false],
  ['git, of our own', false],
])('%s is too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected)
})

it('says so where git is too old, wherever that shows first', async () => {
  const { root } = scratchRepository()
  const folder = join(root, '..', 'bin')
  const program = join(folder, 'git')
  const old = 'case "$*" in *--version) echo "git version 2.30.2" ;; *) printf "%s\\n" --path-format=absolute . ;; esac'
  mkdirSync(folder)
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  writeFileSync(program, `#!/bin/sh\n${old}\n`)
  chmodSync(program, 0o755)
  const refusal = {
    code: 'git-too-old',
    message: 'git version 2.30.2 is too old',
    hint: 'install git 2.31 or newer',
  }
  await expect(findRepository(root)).rejects.toMatchObject(refusal)
  await expect(gitVersion()).rejects.toMatchObject(refusal)
})
