import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { AgentEnd } from '../../run/ports.ts'

/** The end of a process that we did not end. */
export type Exit = AgentEnd & { readonly kind: 'exited' | 'signaled' }

/**
 * Only the shell has it, not the agent below, so it identifies the shell among all processes with the agent's marker.
 */
const statusVariable = 'SKO_STATUS_FILE'

/**
 * The shell above an agent. It leads the group and records how the agent ended, for a later process of ours to adopt.
 * - It handles signals to the group. A child would inherit ignored signals; this way the agent receives them.
 * - It uses a subshell: dash also redirects its own stderr for a plain command, and would write about the death of the
 *   agent ("Terminated") in the agent's log.
 * - `exec` leaves no process in between, and runs no builtin of the agent's name.
 * - dash exports PWD unasked.
 * - It does not overwrite a file that an agent put there, nor write through a link; on a pipe it would wait for a
 *   reader.
 * - The umask applies only to the status file, not to the agent's files.
 */
const script = `trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
exec 3>&2 2>/dev/null
(
  unset PWD ${statusVariable}
  exec "$@" 2>&3 3>&-
)
code=$?
umask 077
set -C
[ -e "$${statusVariable}" ] || echo "$code" >"$${statusVariable}"
exit "$code"
`

interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** The same command, run by a shell that writes its exit status to the file. */
export function writingStatus({ file, args, env }: Command, statusFile: string): Command {
  const [shell, ...mode] = shellFor(env)
  return {
    file: shell,
    args: [...mode, '-c', script, 'sko-agent', file, ...args],
    env: { ...env, [statusVariable]: statusFile },
  }
}

/**
 * dash drops variables whose names are not valid in a shell, such as `npm_config_//…`. bash keeps them, and in this
 * mode reads no startup file.
 */
function shellFor(env: Command['env']): readonly [string, ...string[]] {
  const odd = Object.keys(env).some(name => !/^[A-Za-z_]\w*$/.test(name))
  return odd && existsSync('/bin/bash') ? ['/bin/bash', '--posix'] : ['/bin/sh']
}

/** The marker of the shell that writes this file. */
export function statusMarker(statusFile: string) {
  return { name: statusVariable, value: statusFile }
}

/** null: there is none. A shell that was killed while writing leaves no newline. */
export function readStatus(statusFile: string): { readonly exit: Exit; readonly writtenAtMs: number } | null {
  try {
    const file = lstatSync(statusFile)
    // The agent may have put anything there; reading a pipe would not end.
    if (!file.isFile() || file.size > 4) return null
    const code = /^(\d+)\n$/.exec(readFileSync(statusFile, 'utf8'))?.[1]
    return code === undefined ? null : { exit: exitOf(Number(code), null), writtenAtMs: file.mtimeMs }
  } catch {
    return null
  }
}

/**
 * The end as Node reports it. A shell exits with 128 + n for a command ended by signal n, but a program may exit with
 * that code itself.
 */
export function exitOf(code: number, signal: string | null): Exit {
  const named = signal ?? signalNamed(code - 128)
  return named === null ? { kind: 'exited', code } : { kind: 'signaled', signal: named }
}

/**
 * All signals up to TERM end a process. Higher numbers are excluded: Gemini CLI exits with the HTTP status, and 401
 * becomes 145.
 */
function signalNamed(number: number): string | null {
  if (number > constants.signals.SIGTERM) return null
  return Object.entries(constants.signals).find(([, other]) => other === number)?.[0] ?? null
}
