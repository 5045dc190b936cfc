import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { AgentEnd } from '../../run/ports.ts'

/** How a process ended that we did not end. */
export type Exit = AgentEnd & { readonly kind: 'exited' | 'signaled' }

/** Only the shell has it, not the agent below: it names the shell among all that carry the agent's marker. */
const statusVariable = 'SKO_STATUS_FILE'

/**
 * Stands above an agent as the leader of its group and writes down how it ended, for whoever adopts it when we are gone.
 * - Signals to the group have a handler, since a child would inherit that they are ignored; so the agent hears them.
 * - A subshell of its own: dash redirects the stderr of a plain command in itself as well, and would tell of the death
 *   of the agent ("Terminated") in the agent's log.
 * - `exec` leaves no process between, and runs no builtin of the agent's name.
 * - dash exports a PWD that nobody asked for.
 * - It writes over nothing that an agent put there, nor through a link; to a pipe it would wait for a reader.
 * - The status has a mode of its own, the agent's files have not.
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

/** The same command, below a shell that writes its exit status to the file. */
export function writingStatus({ file, args, env }: Command, statusFile: string): Command {
  const [shell, ...mode] = shellFor(env)
  return {
    file: shell,
    args: [...mode, '-c', script, 'sko-agent', file, ...args],
    env: { ...env, [statusVariable]: statusFile },
  }
}

/** dash drops variables whose names no shell takes, `npm_config_//…` say; bash keeps them, and in this mode reads no file. */
function shellFor(env: Command['env']): readonly [string, ...string[]] {
  const odd = Object.keys(env).some(name => !/^[A-Za-z_]\w*$/.test(name))
  return odd && existsSync('/bin/bash') ? ['/bin/bash', '--posix'] : ['/bin/sh']
}

/** What marks the shell that writes this file. */
export function statusMarker(statusFile: string) {
  return { name: statusVariable, value: statusFile }
}

/** null: there is none. A shell that was killed while it wrote leaves no newline. */
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

/** As Node tells it. A shell says 128 + n of a command ended by signal n, and so may a program that exits by itself. */
export function exitOf(code: number, signal: string | null): Exit {
  const named = signal ?? signalNamed(code - 128)
  return named === null ? { kind: 'exited', code } : { kind: 'signaled', signal: named }
}

/** The signals up to TERM all end a process; no higher one: Gemini CLI exits with the HTTP status, 401 being 145. */
function signalNamed(number: number): string | null {
  if (number > constants.signals.SIGTERM) return null
  return Object.entries(constants.signals).find(([, other]) => other === number)?.[0] ?? null
}
