import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import type { AgentEnd, SpawnFailureReason } from '../../run/ports.ts'

export type SpawnFailure = AgentEnd & { readonly kind: 'spawn-failed' }

/** ELF, Mach-O of both widths and byte orders, Mach-O for several processors, MZ (Windows programs under WSL). */
const binaryBeginnings = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', '4d5a']

/** How much of a script Linux reads for its first line. */
const firstLineBytes = 256

/**
 * The error with which the system would refuse to execute the program; null: it executes it. Checked beforehand,
 * because the shell above an agent would only exit with 126 or 127, as the agent itself may, and would run any text
 * file as a script.
 */
export function refusalToExecute(file: string): Error | null {
  try {
    accessSync(file, constants.X_OK)
    if (!statSync(file).isFile()) return systemError('EACCES', 'it is not a file', file)
    const beginning = readBeginning(file)
    // The system may execute a file that we cannot read.
    if (beginning === null || binaryBeginnings.some(bytes => beginning.toString('hex').startsWith(bytes))) return null
    const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(beginning.toString('latin1'))?.[1]
    if (interpreter === undefined)
      return systemError('ENOEXEC', 'it is neither a script that begins with #! nor a program', file)
    return interpreter.startsWith('/') && !existsSync(interpreter)
      ? systemError('ENOENT', `its first line names ${JSON.stringify(interpreter)}, which does not exist`, file)
      : null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

export function spawnFailed(
  { file, cwd }: { readonly file: string; readonly cwd: string },
  error: unknown,
): SpawnFailure {
  // The system answers ENOENT for both.
  if (!existsSync(cwd)) return { kind: 'spawn-failed', reason: 'other', message: `there is no folder ${cwd}` }
  const message = `cannot start ${file}: ${error instanceof Error ? error.message : String(error)}`
  return { kind: 'spawn-failed', reason: reasonOf(error, file), message }
}

function reasonOf(error: unknown, file: string): SpawnFailureReason {
  if (!(error instanceof Error && 'code' in error)) return 'other'
  // An argument with a NUL byte, which Node refuses.
  if (error.code === 'ERR_INVALID_ARG_VALUE') return 'refused'
  const ofProgram =
    ('path' in error && error.path === file) || ('syscall' in error && String(error.syscall).startsWith('spawn'))
  if (!ofProgram) return 'other'
  if (error.code === 'ENOENT') return 'missing-program'
  return ['EACCES', 'E2BIG', 'ENOEXEC'].some(code => code === error.code) ? 'refused' : 'other'
}

function readBeginning(file: string): Buffer | null {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const buffer = Buffer.alloc(firstLineBytes)
      return buffer.subarray(0, readSync(descriptor, buffer))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return null
  }
}

function systemError(code: string, message: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, path })
}
