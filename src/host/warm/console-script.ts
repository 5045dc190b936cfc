import { closeSync, constants, openSync, readSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path'
import { isExecutable } from '../../files/is-executable.ts'

/** A Python script that `pip` and its like install for a command of a package. */
export interface ConsoleScript {
  /** Absolute. */
  readonly path: string
  /** The interpreter that the script names, with the argument that the script gives it. */
  readonly python: readonly [program: string, ...args: string[]]
}

/** null when `command` is another kind of program, or is not found. */
export function findConsoleScript(
  command: string,
  cwd: string,
  pathVariable: string | undefined,
): ConsoleScript | null {
  const path = command.includes('/') ? resolve(cwd, command) : findOnPath(command, cwd, pathVariable ?? '')
  const python = path === null ? null : pythonOf(beginningOf(path))
  return path === null || python === null ? null : { path, python }
}

/** The file that the system would run. null if a relative entry of PATH names it: the script would see that name. */
function findOnPath(name: string, cwd: string, pathVariable: string): string | null {
  const folder = pathVariable.split(delimiter).find(entry => isExecutable(resolve(cwd, entry, name)))
  return folder !== undefined && isAbsolute(folder) ? join(folder, name) : null
}

/** Enough for the first two lines, which name the interpreter. */
const beginningBytes = 4096

function beginningOf(path: string): string {
  let descriptor: number | null = null
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const buffer = Buffer.alloc(beginningBytes)
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, beginningBytes, 0))
  } catch {
    return ''
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

const isPython = (program: string) => /^(?:python|pypy)[\d.]*t?$/.test(basename(program))

/** Reads `#!` as the system does: one program and at most one argument. */
export function pythonOf(script: string): ConsoleScript['python'] | null {
  const [, program, argument] = /^#![ \t]*(\/\S+)(?:[ \t]+(\S.*?))?[ \t]*\n/.exec(script) ?? []
  if (program === undefined) return null
  if (basename(program) === 'env') return argument !== undefined && isPython(argument) ? [program, argument] : null
  if (program === '/bin/sh') return longPythonOf(script)
  if (!isPython(program)) return null
  return argument === undefined ? [program] : [program, argument]
}

/** What pip, uv and others write when the path of the interpreter is too long for `#!`, or has a space in it. */
function longPythonOf(script: string): ConsoleScript['python'] | null {
  const exec = /^#!\/bin\/sh\n'''exec' (?:"(\/[^"$`\\\n]+)"|'(\/[^'\n]+)'|(\/[^\s"'$`\\]+)) "\$0" "\$@"\n/.exec(script)
  const program = exec?.[1] ?? exec?.[2] ?? exec?.[3]
  return program !== undefined && isPython(program) ? [program] : null
}
