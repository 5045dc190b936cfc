import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../src/cli/program.ts'
import { runFlags } from '../src/cli/running/run-flags.ts'
import { showPath } from '../src/config/show.ts'
import { oldWordsIn, proseOf } from './old-words.ts'

const root = join(import.meta.dirname, '..')
const pages = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs'))
    .filter(name => !name.endsWith('.json'))
    .map(name => `docs/${name}`),
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

/** Text of messages in the code, with `…` where something is put in. */
function messagesInCode(): string {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(name => /\.ts$/.test(name))
  let text = files.map(name => textOf(join('src', name))).join('\n')
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/\$\{[^{}]*\}/g, '…')
  }
  return text.replace(/\\([`'])/g, '$1')
}

/** Pieces of the messages in the first column, between what differs from run to run. */
function quotedOn(page: string): readonly string[] {
  const rows = textOf(page)
    .split('\n')
    .filter(line => line.startsWith('| '))
  const cells = rows.map(row => row.slice(2).split(' | ')[0] ?? '')
  const quotes = cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote))
  const pieces = quotes.flatMap(quote => quote.split(/…|->|<[a-z]+>|\d+|WP\d+|[:;,()'"]/))
  return pieces.map(piece => piece.trim()).filter(piece => piece.split(' ').length >= 4)
}

function allCommands({ commands }: Command): readonly Command[] {
  return commands.flatMap(command => [command, ...allCommands(command)])
}

/** The section of docs/commands.md that comes from the rows of the flags. */
function flagsSection(): string {
  const rows = runFlags.map(({ flags, meaning, overrides }) => [
    `\`${flags}\``,
    meaning,
    overrides ? `\`${showPath(overrides)}\`` : '',
  ])
  const header = ['flag', 'meaning', 'overrides']
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const onlyNew = runFlags.filter(({ newRunOnly }) => newRunOnly).map(({ flags }) => `\`${flags.split(' ')[0]}\``)
  return `${[line(header), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')}

\`resume\` takes the same flags except ${onlyNew.slice(0, -1).join(', ')} and ${onlyNew.at(-1)}.
What you give overrides the configuration of the run.
`
}

/** docs/commands.md with the flags as the code has them. */
function commandsPage(): string {
  const section = /(?<=^## Flags of `orchestrate`\n\n)[\s\S]*?(?=\nExit codes)/m
  return textOf('docs/commands.md').replace(section, () => flagsSection())
}

describe('the documents', () => {
  it.each(pages)('%s links to what is there', page => {
    expect(deadLinks(page)).toEqual([])
  })

  it('README can be read in five minutes', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })

  it.each([...pages, '.kittify.example/orchestrator.yaml'])('%s is in plain English', page => {
    expect(oldWordsIn(proseOf(textOf(page)))).toEqual([])
  })

  it('docs/when-things-go-wrong.md quotes messages as the code has them', () => {
    const code = messagesInCode()
    const quoted = quotedOn('docs/when-things-go-wrong.md')
    expect(quoted.length).toBeGreaterThan(50)
    expect(quoted.filter(piece => !code.includes(piece))).toEqual([])
  })

  it('docs/commands.md lists the flags of a run as the code has them (vitest --update writes the list)', async () => {
    const written = commandsPage()
    expect(written).toContain(flagsSection())
    await expect(written).toMatchFileSnapshot(join(root, 'docs/commands.md'))
  })

  it('docs/commands.md names every command and every flag', () => {
    const text = commandsPage()
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
