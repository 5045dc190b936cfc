import type { PlannedWorkPackage } from './planning.ts'

export const demoSlug = 'greetings'

/**
 * Four work packages in a diamond, and an independent one: five small files of a program that greets. The scripted
 * agent can follow each body without understanding it; a real agent reads it as a plain instruction.
 */
export const demoWorkPackages: readonly PlannedWorkPackage[] = [
  workPackage({
    id: 'WP01',
    title: 'Greetings by language',
    dependencies: [],
    file: 'src/greetings.mjs',
    lines: ['export const greetings = {', "  en: 'Hello',", "  de: 'Hallo',", "  fr: 'Bonjour',", '}'],
  }),
  workPackage({
    id: 'WP02',
    title: 'Greet a person',
    dependencies: ['WP01'],
    file: 'src/greet.mjs',
    lines: [
      "import { greetings } from './greetings.mjs'",
      '',
      "export const greet = (name, language) => greetings[language] + ', ' + name + '!'",
    ],
  }),
  workPackage({
    id: 'WP03',
    title: 'List the languages',
    dependencies: ['WP01'],
    file: 'src/languages.mjs',
    lines: [
      "import { greetings } from './greetings.mjs'",
      '',
      'export const languages = Object.keys(greetings).sort()',
      'export const speaks = language => languages.includes(language)',
    ],
    hint: 'forget the last line in the first attempt',
  }),
  workPackage({
    id: 'WP04',
    title: 'Command line program',
    dependencies: ['WP02', 'WP03'],
    file: 'src/cli.mjs',
    lines: [
      "import { greet } from './greet.mjs'",
      "import { languages, speaks } from './languages.mjs'",
      '',
      "const [name = 'world', language = 'en'] = process.argv.slice(2)",
      "console.log(speaks(language) ? greet(name, language) : 'I speak only ' + languages.join(', '))",
    ],
  }),
  workPackage({
    id: 'WP05',
    title: 'Describe the use',
    dependencies: [],
    file: 'docs/usage.md',
    lines: ['# Usage', '', '`node src/cli.mjs Ada fr` prints `Bonjour, Ada!`'],
  }),
]

interface FileToWrite {
  readonly id: string
  readonly title: string
  readonly dependencies: readonly string[]
  readonly file: string
  readonly lines: readonly string[]
  /** Makes the scripted agent err once, so that the demo shows a rejection and the rework. */
  readonly hint?: string
}

function workPackage({ id, title, dependencies, file, lines, hint }: FileToWrite): PlannedWorkPackage {
  const demand = `Write exactly these lines into \`${file}\`:\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``
  return {
    id,
    title,
    dependencies,
    ownedFiles: [file],
    subtasks: [`T${id.slice(2).padStart(3, '0')}`],
    body: hint ? `${demand}\n\nHint for the scripted agent: ${hint}.` : demand,
  }
}
