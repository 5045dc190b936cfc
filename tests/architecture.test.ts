import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../src', import.meta.url))

interface Source {
  /** Relative to src/. */
  readonly path: string
  readonly text: string
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[]
}

const sources: readonly Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts'))
  .map(path => {
    const text = readFileSync(join(src, path), 'utf8')
    const statements = [...text.matchAll(/^(import|export)\s+(type\s+)?([^'"]*?)from\s+'([^']+)'/gms)]
    const dynamic = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map(([, target = '']) => ({ target, typeOnly: false }))
    const imports = statements.map(([, , type, names = '', target = '']) => {
      const inner = names
        .replace(/[{}]/g, '')
        .split(',')
        .map(name => name.trim())
        .filter(Boolean)
      return {
        target,
        typeOnly: type !== undefined || (inner.length > 0 && inner.every(name => name.startsWith('type '))),
      }
    })
    const local = (target: string) =>
      target.startsWith('.') ? relative(src, resolve(src, dirname(path), target)) : target
    return { path, text, imports: [...imports, ...dynamic].map(i => ({ ...i, target: local(i.target) })) }
  })

const where = (matches: (source: Source) => boolean) => sources.filter(matches).map(source => source.path)
const folder = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path)

describe('architecture', () => {
  it('has sources to look at', () => {
    expect(sources.length).toBeGreaterThan(80)
    expect(sources.flatMap(source => source.imports).length).toBeGreaterThan(300)
  })

  it('core/ imports nothing but types and other core/ files', () => {
    const breaches = sources
      .filter(source => folder(source.path) === 'core')
      .flatMap(({ path, imports }) =>
        imports.filter(i => !i.typeOnly && folder(i.target) !== 'core').map(i => `${path} -> ${i.target}`),
      )
    expect(breaches).toEqual([])
  })

  it('nobody imports cli/', () => {
    const breaches = sources
      .filter(source => folder(source.path) !== 'cli')
      .flatMap(({ path, imports }) =>
        imports.filter(i => folder(i.target) === 'cli').map(i => `${path} -> ${i.target}`),
      )
    expect(breaches).toEqual([])
  })

  it('has no barrels but the public entry', () => {
    expect(where(({ text, path }) => path !== 'index.ts' && /^export \*/m.test(text))).toEqual([])
    const reexports = where(({ text, path }) => path !== 'index.ts' && /^export (?:type )?\{[^}]*\} from/m.test(text))
    // Its types belong to its interface, for those who import the client alone.
    expect(reexports).toEqual(['host/client.ts'])
  })

  it('has no file of two ideas', () => {
    expect(where(({ text }) => text.split('\n').length > 250)).toEqual([])
  })

  it('silences neither compiler nor linter', () => {
    const silenced = /(?::|<|\bas) any\b|\bas unknown\b|@ts-(?:ignore|expect-error|nocheck)|biome-ignore|\w!\./
    expect(where(({ text }) => silenced.test(text))).toEqual([])
  })

  it('speaks to the user through cli/ alone, and reads argv and the environment there', () => {
    const allowed = new Set(['cli', 'demo'])
    const speaks = (source: Source) => /\bconsole\.|process\.std(?:out|err)\b|process\.argv\b/.test(source.text)
    expect(where(source => speaks(source) && !allowed.has(folder(source.path)))).toEqual([])
    const reads = where(source => /process\.env\b/.test(source.text) && !allowed.has(folder(source.path)))
    // Defaults for programs we start: the host client used alone, git, and the check for CI before keeping a machine awake.
    expect(reads.toSorted()).toEqual([
      'git/git.ts',
      'host/client.ts',
      'process/keep-awake.ts',
      'process/process-table.ts',
    ])
  })

  it('keeps no state in modules', () => {
    expect(where(({ text }) => /^(?:export )?let /m.test(text))).toEqual([])
  })
})
