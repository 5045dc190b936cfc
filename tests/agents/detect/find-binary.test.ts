import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinary } from '../../../src/agents/detect/find-binary.ts'

let root = ''

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sko-find-binary-'))
  for (const folder of ['a', 'b']) mkdirSync(join(root, folder))
  writeFileSync(join(root, 'a/plain'), '')
  mkdirSync(join(root, 'a/tool'))
  for (const file of ['b/tool', 'b/plain', 'b/other']) {
    writeFileSync(join(root, file), '')
    chmodSync(join(root, file), 0o755)
  }
})

afterAll(() => rmSync(root, { recursive: true }))

describe('findBinary', () => {
  it.each([
    ['passes over folders', ['tool'], ['a', 'b'], 'b/tool'],
    ['passes over what cannot be executed', ['plain'], ['a', 'b'], 'b/plain'],
    ['takes the first name that is there', ['nope', 'other'], ['a', 'b'], 'b/other'],
    ['finds nothing', ['nope'], ['a', 'b'], null],
    ['does not invent folders', ['tool'], ['missing'], null],
  ])('%s', (_, binaries, folders, expected) => {
    const path = folders.map(folder => join(root, folder)).join(':')
    expect(findBinary({ binaries }, path)).toBe(expected === null ? null : join(root, expected))
  })

  it('takes a name with a slash as it is, from where we run', () => {
    expect(findBinary({ binaries: [join(root, 'b/tool')] }, '')).toBe(join(root, 'b/tool'))
    expect(findBinary({ binaries: [relative(process.cwd(), join(root, 'b/tool'))] }, '')).toBe(join(root, 'b/tool'))
    expect(findBinary({ binaries: ['~/tool'] }, join(root, 'b'))).toBeNull()
  })

  it('does not look into relative entries of PATH', () => {
    expect(findBinary({ binaries: ['tool'] }, `:${relative(process.cwd(), join(root, 'b'))}`)).toBeNull()
  })
})
