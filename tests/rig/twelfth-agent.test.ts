import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { documented, tinyCommands, tinyRuns } from '../agents/tiny-agent.ts'

const project = join(import.meta.dirname, '../..')
const copy = mkdtempSync(join(tmpdir(), 'sko-twelfth-'))
afterAll(() => rmSync(copy, { recursive: true }))

/** The tests that run for whatever the registry holds, and what they and the compiler need. */
const needed = [
  'src',
  'fixtures/agents',
  ...['transcripts.ts', 'transcripts.test.ts', 'commands.test.ts'].map(name => `tests/agents/${name}`),
  ...['package.json', 'vitest.config.ts', 'tests/patience.ts', 'tests/git/template'],
]

const registry = 'src/agents/registry.ts'
const fixtures = 'fixtures/agents/tiny'

function contents(): Map<string, string> {
  const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = files.map(entry => join(entry.parentPath, entry.name))
  return new Map(paths.map(path => [path.slice(copy.length + 1), readFileSync(path, 'utf8')]))
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  writeFileSync(join(copy, path), content)
}

function run(program: string, args: readonly string[]) {
  const ours = Object.keys(process.env).filter(name => /^VITEST|^NODE_ENV$/.test(name))
  const env = Object.fromEntries(ours.map(name => [name, undefined]))
  return execa(process.execPath, [join(project, 'node_modules', program), ...args], {
    cwd: copy,
    env,
    reject: false,
    all: true,
  })
}

const reported = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ title: z.string(), status: z.string() })) })),
})

/** Names of the agent's tests in the copy, by how they ended. */
async function testsOfTiny() {
  const file = join(copy, 'report.json')
  const args = ['run', '--project', 'unit', '-t', 'tiny', '--reporter=json', `--outputFile=${file}`]
  const { exitCode, all } = await run('vitest/vitest.mjs', args)
  const tests = reported
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .testResults.flatMap(suite => suite.assertionResults)
  rmSync(file)
  const named = (status: string) => tests.filter(test => test.status === status).map(({ title }) => plain(title))
  return { exitCode, all, passed: named('passed'), failed: named('failed') }
}

/** vitest quotes what it fills in, and has a zero with a sign. */
function plain(title: string): string {
  return title.replaceAll("'", '').replace('+0', '0')
}

/** As docs/add-an-agent.md says: a file, the import and the entry in the registry, recordings. */
describe('a twelfth agent', { timeout: 240_000 }, () => {
  const before = new Map<string, string>()

  beforeAll(() => {
    for (const path of needed) cpSync(join(project, path), join(copy, path), { recursive: true })
    // The rest of src sees agents only through types of src/agents, and takes three times as long.
    const tsconfig = JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8'))
    write('tsconfig.json', JSON.stringify({ ...tsconfig, include: ['src/agents', 'tests'] }))
    symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'))
    for (const [path, content] of contents()) before.set(path, content)
    write('src/agents/adapters/tiny.ts', documented.adapter)
    write(registry, registered(before.get(registry) ?? ''))
    write(`${fixtures}/commands.json`, JSON.stringify(tinyCommands))
    for (const [name, { stdout, stderr, expected }] of Object.entries(tinyRuns)) {
      write(`${fixtures}/${name}/stdout`, stdout)
      write(`${fixtures}/${name}/stderr`, stderr)
      write(`${fixtures}/${name}/expected.json`, JSON.stringify(expected))
    }
  })

  it('compiles', async () => {
    const { exitCode, all } = await run('typescript/bin/tsc', ['--noEmit'])
    expect([exitCode, all]).toEqual([0, ''])
  })

  it('passes the tests that every agent passes', async () => {
    const { exitCode, all, passed, failed } = await testsOfTiny()
    expect(failed).toEqual([])
    expect(exitCode, all).toBe(0)
    for (const [name, { expected }] of Object.entries(tinyRuns)) {
      expect(passed).toContain(`${name} (${expected.role}, exit ${expected.exitCode}): ${expected.outcome}`)
    }
    expect(passed.filter(name => name.startsWith('review with'))).toHaveLength(3)
  })

  it('touched one new file, two lines of the registry, and its fixtures', () => {
    const after = contents()
    expect([...before.keys()].filter(path => !after.has(path))).toEqual([])
    const touched = [...after.keys()].filter(path => after.get(path) !== before.get(path) && !path.startsWith(fixtures))
    expect(touched.sort()).toEqual(['src/agents/adapters/tiny.ts', registry])
    const added = [documented.importLine, documented.entry.trim()]
    const without = added.reduce((text, line) => text.replace(line, ''), after.get(registry) ?? '')
    expect(squeezed(without)).toBe(squeezed(before.get(registry) ?? ''))
  })

  it('fails them with a wrong expectation', async () => {
    const path = `${fixtures}/rate-limit/expected.json`
    write(path, JSON.stringify({ ...tinyRuns['rate-limit']?.expected, outcome: 'auth' }))
    const { exitCode, failed } = await testsOfTiny()
    expect(exitCode).toBe(1)
    expect(failed).toEqual(['rate-limit (implementation, exit 1): auth'])
  })

  it('fails them without recordings', async () => {
    rmSync(join(copy, fixtures), { recursive: true })
    expect(await testsOfTiny()).toMatchObject({ exitCode: 1, passed: [] })
  })
})

function registered(text: string): string {
  const lines = text.split('\n')
  const afterImports = lines.findLastIndex(line => line.startsWith('import ')) + 1
  return lines
    .toSpliced(afterImports, 0, documented.importLine)
    .join('\n')
    .replace(/(const builtInAgents\b[^=]*= \[[^\]]*?),?\s*\]/, `$1,\n${documented.entry}\n]`)
}

/** Whatever line breaks and last commas do not change. */
function squeezed(code: string): string {
  return code.replace(/\s+/g, '').replace(/,+(?=[\])])/g, '')
}
