import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { prepareDemo, realAgentsHint } from '../../src/demo/demo.ts'
import { exitCodes } from '../../src/errors.ts'
import { scratch, writeProgram } from './scratch.ts'

afterEach(() => vi.unstubAllEnvs())

describe('realAgentsHint', () => {
  it.each([
    [[], null],
    [['claude'], 'sko demo --impl-agent claude-code --review-agent claude-code'],
    [
      ['claude', 'codex'],
      'sko demo --impl-agent claude-code --impl-agent codex --review-agent codex --review-agent claude-code',
    ],
  ])('with %j on PATH', (programs, command) => {
    const bin = join(scratch(), 'bin')
    for (const program of programs) writeProgram(join(bin, program), 'exit 1')
    vi.stubEnv('PATH', bin)
    vi.stubEnv('npm_lifecycle_event', undefined)
    expect(realAgentsHint()).toEqual(command && expect.stringContaining(`\`${command}\``))
  })

  it('names the command that works in a clone', () => {
    const bin = join(scratch(), 'bin')
    writeProgram(join(bin, 'codex'), 'exit 1')
    vi.stubEnv('PATH', bin)
    vi.stubEnv('npm_lifecycle_event', 'demo')
    expect(realAgentsHint()).toContain('`npm run demo -- --impl-agent codex --review-agent codex`')
  })
})

describe('prepareDemo', () => {
  const prepare = (folder: string, host: string) =>
    prepareDemo({ folder, host, hostFolder: join(folder, 'unused'), report: () => {} })

  it('leaves a folder alone that is not empty', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'mine.txt'), 'mine')
    await expect(prepare(folder, '/no/host')).rejects.toMatchObject({
      code: 'folder-not-empty',
      exitCode: exitCodes.usage,
    })
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine')
  })

  it.each([
    ['is missing', null],
    ['refuses', 'echo Traceback >&2; exit 1'],
    ['prints garbage', 'echo "<html>"'],
  ])('tells that the host %s', async (_, script) => {
    const root = scratch()
    const host = join(root, 'spec-kitty')
    if (script !== null) writeProgram(host, script)
    mkdirSync(join(root, 'repo'))
    await expect(prepare(join(root, 'repo'), host)).rejects.toMatchObject({
      code: 'seeding-failed',
      exitCode: exitCodes.host,
      message: expect.stringContaining('specify'),
    })
  })
})
