import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { removeScratch, withScratch } from '../../src/git/scratch.ts'
import { scratchRepository } from './scratch-repository.ts'

it.each(['root', 'lane'] as const)('of %s lies in the folder of git, and goes with the work', async where => {
  const repository = scratchRepository()
  const common = join(repository.root, '.git')
  const before = readdirSync(common)
  const folder = await withScratch(repository[where], async scratch => {
    expect(existsSync(scratch)).toBe(true)
    return scratch
  })
  expect(folder.startsWith(join(common, 'sko-scratch-'))).toBe(true)
  await expect(withScratch(repository[where], () => Promise.reject(new Error('of the work')))).rejects.toThrow(
    'of the work',
  )
  expect(readdirSync(common)).toEqual(before)
})

it('what a killed process left is removed, and nothing of one that lives', async () => {
  const { root } = scratchRepository()
  const common = join(root, '.git')
  const { pid } = spawnSync('true')
  const left = [`sko-scratch-${pid}-abc`]
  const stays = [
    `sko-scratch-${process.ppid}-abc`,
    `sko-scratch-${process.pid}-abc`,
    'sko-scratch-x',
    'sko-scratch-0-a',
  ]
  for (const name of [...left, ...stays]) mkdirSync(join(common, name))
  removeScratch(root)
  expect(
    readdirSync(common)
      .filter(name => name.startsWith('sko-'))
      .toSorted(),
  ).toEqual(stays.toSorted())
  removeScratch(join(root, '..'))
})
