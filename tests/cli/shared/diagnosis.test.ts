import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDiagnosis } from '../../../src/cli/shared/diagnosis.ts'

function newKittify(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sko-diagnosis-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const kittify = join(folder, '.kittify')
  mkdirSync(kittify)
  return kittify
}

it('writes each line at once, into a file of the user alone, after what is there', () => {
  const kittify = newKittify()
  const logs = join(kittify, 'logs', 'run')
  const file = join(logs, 'orchestrator.log')
  createDiagnosis(logs, kittify).info({ n: 1 }, 'host call')
  createDiagnosis(logs, kittify).error({ n: 2 }, 'bug')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { n: 1, msg: 'host call' },
    { n: 2, msg: 'bug' },
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it.each([
  ['a link', (file: string, elsewhere: string) => symlinkSync(elsewhere, file)],
  ['a folder', (file: string) => mkdirSync(file)],
])('writes nothing, and ends nothing, where %s is in the place of its file', (_, plant) => {
  const kittify = newKittify()
  const logs = join(kittify, 'logs', 'run')
  const elsewhere = join(kittify, '..', 'theirs')
  mkdirSync(logs, { recursive: true })
  plant(join(logs, 'orchestrator.log'), elsewhere)
  createDiagnosis(logs, kittify).info('host call')
  expect(existsSync(elsewhere)).toBe(false)
})

it('writes nothing, and ends nothing, where its folder cannot be made', () => {
  const kittify = newKittify()
  writeFileSync(join(kittify, 'logs'), '')
  createDiagnosis(join(kittify, 'logs', 'run'), kittify).info('host call')
  expect(readFileSync(join(kittify, 'logs'), 'utf8')).toBe('')
})
