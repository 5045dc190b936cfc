import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'

/** Node 22.1 and newer. With an older Node, all of this is that nothing changes. */
const canKeep = 'enableCompileCache' in nodeModule

describe('the compiled code that Node keeps', () => {
  it('is kept beside the program, for this user alone, once a command runs', async () => {
    const { folder, run } = copyOfPackage()
    await run('--help')
    await run('--version')
    expect(existsSync(folder)).toBe(false)

    const first = await run('status')
    expect(existsSync(folder)).toBe(canKeep)
    expect(canKeep ? lstatSync(folder).mode & 0o777 : 0o700).toBe(0o700)
    expect(await run('status')).toEqual(first)
  })

  it('is not looked for where others can write', async () => {
    const { folder, run } = copyOfPackage()
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    await run('status')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is not looked for behind a link', async () => {
    const { folder, run, beside } = copyOfPackage()
    mkdirSync(beside)
    symlinkSync(beside, folder)
    await run('status')
    expect(readdirSync(beside)).toEqual([])
  })

  it('is not needed: a file in its place changes nothing', async () => {
    const { folder, run } = copyOfPackage()
    const first = await run('status')
    rmSync(folder, { recursive: true, force: true })
    cpSync(fileURLToPath(new URL('../../package.json', import.meta.url)), folder)
    expect(await run('status')).toEqual(first)
  })
})

function copyOfPackage() {
  const root = mkdtempSync(join(tmpdir(), 'sko-package-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const copy = join(root, 'package')
  for (const part of ['bin', 'dist', 'package.json']) {
    const from = fileURLToPath(new URL(`../../${part}`, import.meta.url))
    cpSync(from, join(copy, part), { recursive: true, filter: path => !path.endsWith('.compile-cache') })
  }
  return {
    beside: join(root, 'beside'),
    folder: join(copy, 'dist', '.compile-cache'),
    run: async (command: string) => {
      const { exitCode, stdout, stderr } = await execa(process.execPath, [join(copy, 'bin', 'sko.js'), command], {
        cwd: root,
        reject: false,
      })
      return { exitCode, stdout, stderr }
    },
  }
}
