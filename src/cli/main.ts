import { CommanderError } from 'commander'
import { printable } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { bugReport } from './bug-report.ts'
import { letGoOfLostTerminals } from './lost-terminal.ts'
import { ignoreBrokenPipes } from './output.ts'
import { buildProgram } from './program.ts'

/** Runs one command line. Sets the exit code and lets the process end by itself, so that no output is cut off. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreBrokenPipes()
  letGoOfLostTerminals()
  try {
    await buildProgram(code => {
      process.exitCode = code
    }).parseAsync([...argv])
  } catch (error) {
    process.exitCode = explain(error)
  }
}

function explain(error: unknown): number {
  // commander has printed its own message; asking for help or the version is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof OrchestratorError) {
    process.stderr.write(printable(`sko: ${error.message}\n     ${error.hint}\n`))
    return error.exitCode
  }
  process.stderr.write(bugReport(error))
  return exitCodes.needsPerson
}
