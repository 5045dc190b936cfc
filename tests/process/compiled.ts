import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll } from 'vitest'

/**
 * The sources as JavaScript, types stripped file by file, for tests that need them in a process of their own: Node 20
 * runs no TypeScript. Inside the repository, where their dependencies are found.
 */
export function useCompiled(folders: readonly string[]): () => string {
  let target = ''
  beforeAll(() => {
    mkdirSync('.cache', { recursive: true })
    target = mkdtempSync(resolve('.cache/compiled-'))
    for (const folder of folders) {
      const names = readdirSync(join('src', folder), { recursive: folder !== '.', encoding: 'utf8' })
      for (const name of names.filter(name => name.endsWith('.ts'))) {
        const file = join(folder, name)
        mkdirSync(dirname(join(target, file)), { recursive: true })
        writeFileSync(join(target, file.replace(/ts$/, 'js')), strip(readFileSync(join('src', file), 'utf8')))
      }
    }
  })
  afterAll(() => rmSync(target, { recursive: true, force: true }))
  return () => target
}

function strip(source: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  }
  return ts.transpileModule(source, { compilerOptions }).outputText
}
