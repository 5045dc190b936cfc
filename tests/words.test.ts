import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../src/cli/program.ts'
import { linesWithOldWords, oldWordsIn, proseOf } from './old-words.ts'

const root = join(import.meta.dirname, '..')

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
}

function helpOf(command: Command): string {
  return [command.helpInformation(), ...command.commands.map(helpOf)].join('\n')
}

describe('plain English', () => {
  it.each(readdirSync(join(root, 'src')))('src/%s has no old-fashioned word', name => {
    const files = name.endsWith('.ts') ? [join('src', name)] : sourcesBelow(join('src', name))
    const found = files.flatMap(file =>
      linesWithOldWords(readFileSync(join(root, file), 'utf8')).map(line => `${file}:${line}`),
    )
    expect(files.length).toBeGreaterThan(0)
    expect(found).toEqual([])
  })

  it('the help of every command has no old-fashioned word', () => {
    const help = helpOf(buildProgram(() => undefined))
    expect(help).toContain('resume the saved run')
    expect(oldWordsIn(help)).toEqual([])
  })
})

describe('the search for old-fashioned words', () => {
  it.each([
    ['a comment', '/** Whoever holds it. */', ['1: /** Whoever holds it. */']],
    ['a message', "const text = 'ok'\nreturn 'the run goes on'", ["2: return 'the run goes on'"]],
    ['a template', '`$' + '{agent} is left alone`', ['1: `$' + '{agent} is left alone`']],
    ['a name', 'const told = new Set()', ['1: const told = new Set()']],
    ['a comment with a path', '// see src/x and y: mend it', ['1: // see src/x and y: mend it']],
    ['a pattern, which is not read', 'if (/somebody|nobody/.test(text)) return', []],
    ['words that only look like one', 'a mandate, amended; an untold ongoing', []],
  ])('reads %s', (_, source, found) => {
    expect(linesWithOldWords(source)).toEqual(found)
  })

  it('does not read the code in a page', () => {
    expect(oldWordsIn(proseOf('It `goes on` and\n```\nnobody\n```\nwas told.'))).toEqual(['told'])
  })
})
