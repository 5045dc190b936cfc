import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageFolder } from '../../package-folder.ts'
import { openOutput } from '../../process/call-output.ts'
import { readProcess } from '../../process/table/process-table.ts'
import type { ConsoleScript } from './console-script.ts'
import { followOrphan } from './follow-orphan.ts'
import type { Wire } from './helper.ts'

export interface HelperProcess {
  readonly script: ConsoleScript
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts bin/warm-host.py as a call of the host would be started: same interpreter, folder, environment and kinds of
 * standard streams, because Python and what it imports look at them.
 */
export async function spawnHelper({ script, cwd, env }: HelperProcess): Promise<Wire> {
  const [program, ...options] = script.python
  const output = await openOutput(undefined)
  const child = spawn(program, [...options, join(packageFolder(), 'bin', 'warm-host.py'), script.path], {
    cwd,
    env: { ...env },
    stdio: ['ignore', output.stdout.handle.fd, output.stderr.handle.fd, 'pipe'],
    detached: true,
  })
  const [, , , socket] = child.stdio
  if (!(socket instanceof Socket)) throw new Error('a stream of a child process is no socket')
  // They keep nothing alive: whatever waits for a call has a timer.
  child.unref()
  socket.unref()
  const failed = new Promise<void>(resolve => child.once('error', () => resolve()))
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  // It closes afterwards.
  socket.on('error', () => undefined)
  await output.unlink()
  await output.close()
  const lines = createInterface({ input: socket })
  lines.on('error', () => undefined)
  return {
    send: line => void socket.write(line),
    onLine: listener => void lines.on('line', listener),
    closed: Promise.race([failed, closed]),
    hangUp: () => void socket.destroy(),
    kill: () => void child.kill('SIGKILL'),
    cpuSeconds: () => (child.pid === undefined ? null : (readProcess(child.pid)?.cpuSeconds ?? null)),
    follow: followOrphan,
  }
}
