import { CommanderError } from 'commander'
import { wayOut } from '../core/next-command.ts'
import { printable } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { ignoredSignals, keepIgnoring } from '../process/table/ignored-signals.ts'
import { bugReport } from './bug-report.ts'
import { buildProgram } from './program.ts'
import { ignoreBrokenPipes } from './terminal/broken-pipe.ts'
import { closeLostTerminals } from './terminal/lost-terminal.ts'
import { openSteadyOutput } from './terminal/steady-output.ts'

/** Runs one command line. Sets the exit code and lets the process end by itself, so that no output is cut off. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreBrokenPipes()
  keepIgnoring(ignoredSignals())
  closeLostTerminals()
  try {
    await buildProgram(code => {
      process.exitCode = code
    }).parseAsync([...argv])
  } catch (error) {
    process.exitCode = await explain(error)
  }
}

async function explain(error: unknown): Promise<number> {
  // Commander has printed its own message. Help and version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof OrchestratorError) {
    const lines = wayOut(error.hint, error.next).map(line => `     ${line}\n`)
    await say(printable(`sko: ${error.message}\n${lines.join('')}`))
    return error.exitCode
  }
  await say(bugReport(error))
  return exitCodes.needsPerson
}

/** A stopped terminal must not keep the process from exiting. */
async function say(text: string): Promise<void> {
  const output = openSteadyOutput('stderr')
  output.write(text)
  await output.finish(longestMs)
}

const longestMs = 2000
