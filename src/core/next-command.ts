/** A command for a person to run next. */
export interface NextCommand {
  /** Exactly as it is typed into a shell, quoted where it has to be. */
  readonly command: string
  /** What it does, or what it is for, in one short sentence. */
  readonly why: string
}

export const resume = 'sko resume'

export const continueRun: NextCommand = { command: resume, why: 'continues the run' }

/** Once a person has done what the hint says. */
export const continueAfterThat: NextCommand = { command: resume, why: 'continues the run after that' }

/** After the end of a run that cannot be resumed. */
export function newRun(mission: string): NextCommand {
  return { command: `sko orchestrate --mission ${mission}`, why: 'starts a new run from the lanes' }
}

/** What ends the state of a run that is neither running nor over. */
export const whileUnfinished: readonly NextCommand[] = [
  { command: resume, why: 'continues it' },
  { command: 'sko abort', why: 'ends it and keeps its work' },
]

/** The command, and `sko resume` once it has succeeded. */
export function andResume(command: string, why: string): NextCommand {
  return { command: `${command} && ${resume}`, why }
}

/** On a line of its own. Three blanks: what stands before them is what is typed. */
export function nextLine({ command, why }: NextCommand): string {
  return why === '' ? command : `${command}   (${why})`
}

/** Behind a sentence; empty: there is nothing to run. */
export function nextWords(next: readonly NextCommand[]): string {
  const commands = next.map(({ command, why }) => (why === '' ? command : `${command} (${why})`))
  return commands.length === 0 ? '' : `; next: ${commands.join(', ')}`
}

/** Below an error or a warning: what is known in words, then each command on a line of its own. */
export function wayOut(hint: string | null, next: readonly NextCommand[]): readonly string[] {
  return [...(hint ? hint.split('\n') : []), ...next.map(entry => `next: ${nextLine(entry)}`)]
}

/** What older versions stored: the command and its reason in one text, or a sentence that ends in a command. */
export function parseNextLine(text: string): NextCommand {
  const [, said = text, why = ''] = /^(.*?)(?: {3}\((.*)\))?$/s.exec(text) ?? []
  const [, first, last] = /^(.*?), then: (sko [^,;]*)$/s.exec(said) ?? []
  if (first === undefined || last === undefined) return { command: said, why }
  return { command: last, why: why === '' ? first : `${first}: ${why}` }
}
