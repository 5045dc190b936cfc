import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../bin/sko.js', import.meta.url))

/** Zod alone takes longer to load than all the rest of these. */
it.each([
  ['--version', 0],
  ['--help', 0],
  ['orchestrate --help', 0],
  ['agents test --help', 0],
  ['no-such-command', 2],
  ['retry', 2],
])('sko %s loads few files, and no library but commander', async (line, exitCode) => {
  const loaded = await loadedBy(line.split(' '), exitCode)
  expect(loaded.length, loaded.join('\n')).toBeLessThanOrEqual(4)
  expect(librariesIn(loaded)).toEqual(['commander'])
})

/** The files of ours that Node loads, as its coverage reports them. */
async function loadedBy(args: readonly string[], exitCode: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sko-loaded-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const ended = await execa(program, args, { cwd: folder, env: { NODE_V8_COVERAGE: folder }, reject: false })
  expect(ended.exitCode).toBe(exitCode)
  const reports = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
  const urls = reports.flatMap(report => [...report.matchAll(/"url":"(file:[^"]+)"/g)].map(([, url]) => url ?? ''))
  expect(urls).not.toEqual([])
  return urls.map(url => fileURLToPath(url))
}

/** The bundler names the file of each module that it puts into a chunk. */
function librariesIn(files: readonly string[]): readonly string[] {
  const text = files.map(file => readFileSync(file, 'utf8')).join('\n')
  const names = [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name]) => name ?? '')
  return [...new Set(names)].toSorted()
}
