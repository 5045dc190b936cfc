import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../src/cli/program.ts'

const root = join(import.meta.dirname, '..')
const pages = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`),
]
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

/** As GitHub makes them of headings. */
function anchorsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Links to a page or a file that is not there, or to a heading that the page does not have. */
function deadLinks(page: string): readonly string[] {
  const targets = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets
    .filter(target => !/^[a-z]+:/.test(target))
    .filter(target => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      if (!existsSync(join(root, file))) return true
      return anchor !== undefined && !anchorsOf(file).includes(anchor)
    })
}

function allCommands({ commands }: Command): readonly Command[] {
  return commands.flatMap(command => [command, ...allCommands(command)])
}

describe('the documents', () => {
  it.each(pages)('%s links to what is there', page => {
    expect(deadLinks(page)).toEqual([])
  })

  it('README can be read in five minutes', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })

  it('docs/commands.md names every command and every flag', () => {
    const text = textOf('docs/commands.md')
    const commands = allCommands(buildProgram(() => undefined))
    const flags = commands.flatMap(({ options }) =>
      options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? ''),
    )
    const words = new Set(text.match(/--?[a-z][a-z-]*/g))
    expect(commands.filter(command => !text.includes(`sko ${nameOf(command)}`)).map(nameOf)).toEqual([])
    expect([...new Set(flags)].filter(flag => !words.has(flag))).toEqual([])
  })
})

/** With the command that it belongs to: `agents test`. */
function nameOf(command: Command): string {
  const { parent } = command
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name()
}
