import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Keys {
  /** Restores the terminal settings. */
  restore(): void
}

/** `stty` can block on a terminal; it is given up after this time. */
const patienceMs = 2_000

/**
 * Calls back for each key typed at the terminal. Returns null without a terminal, or if it cannot be set up. No raw mode:
 * Ctrl+C and Ctrl+Z keep working. The settings are restored when this process exits, except after kill -9.
 */
export function listenForKeys(onKey: (key: string) => void): Keys | null {
  const { stdin } = process
  if (!stdin.isTTY || !isInForeground()) return null
  const before = stty('-g')
  if (before === null || !takeKeys()) return null
  const onData = (data: Buffer): void => {
    for (const key of data.toString('utf8')) onKey(key)
  }
  /** After Ctrl+Z the shell has changed the terminal settings. In the background, reading from it would stop us. */
  const onContinue = (): void => {
    if (isInForeground() && takeKeys()) stdin.resume()
    else stdin.pause()
  }
  let restored = false
  const restore = (): void => {
    if (restored) return
    restored = true
    process.off('exit', restore)
    process.off('SIGCONT', onContinue)
    stdin.off('data', onData)
    stdin.pause()
    // A background process cannot change the terminal, and the foreground process has its own settings.
    if (isInForeground()) stty(before)
  }
  process.once('exit', restore)
  process.on('SIGCONT', onContinue)
  // The run does not need the terminal.
  stdin.on('error', () => undefined)
  stdin.on('data', onData)
  stdin.unref()
  return { restore }
}

/** Delivers single characters without echo; signals, line ends and output stay unchanged. */
function takeKeys(): boolean {
  return stty('-icanon', '-echo', 'min', '1', 'time', '0') !== null
}

/** Returns its output; null when there is no stty or it failed. */
function stty(...args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('stty', args, {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  })
  return status === 0 ? stdout.trim() : null
}

/** In the background, `stty` and reads from the terminal stop the process (SIGTTOU, SIGTTIN). */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return group === foreground
  } catch {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' })
    return stdout?.includes('+') ?? false
  }
}
