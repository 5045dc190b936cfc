import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Keys {
  /** The terminal as it was before. */
  restore(): void
}

/** A `stty` that has to wait for a terminal is not waited for. */
const patienceMs = 2_000

/**
 * Calls back for each key typed at the terminal; null where there is no terminal, or it cannot be had. No raw mode:
 * Ctrl+C and Ctrl+Z stay the terminal's own. It is restored when this process exits, on whatever way but kill -9.
 */
export function listenForKeys(onKey: (key: string) => void): Keys | null {
  const { stdin } = process
  if (!stdin.isTTY || !isInForeground()) return null
  const before = stty('-g')
  if (before === null || !takeKeys()) return null
  const onData = (data: Buffer): void => {
    for (const key of data.toString('utf8')) onKey(key)
  }
  /** After Ctrl+Z the shell has made the terminal its own; in the background it is, and to read from it would stop us. */
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
    // From the background a terminal cannot be changed, and whoever has the foreground has made it its own.
    if (isInForeground()) stty(before)
  }
  process.once('exit', restore)
  process.on('SIGCONT', onContinue)
  // A terminal that goes away is no trouble of the run's.
  stdin.on('error', () => undefined)
  stdin.on('data', onData)
  stdin.unref()
  return { restore }
}

/** Single characters at once and unseen; signals, line ends and all output as before. */
function takeKeys(): boolean {
  return stty('-icanon', '-echo', 'min', '1', 'time', '0') !== null
}

/** What it prints; null: there is none, or it failed. */
function stty(...args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('stty', args, {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  })
  return status === 0 ? stdout.trim() : null
}

/** In the background stty and a read from the terminal stop the process that tries (TTOU, TTIN). */
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
