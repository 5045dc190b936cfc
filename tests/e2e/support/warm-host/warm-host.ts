import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hostEnvironment } from '../../../../src/host/sharp-edges.ts'

export interface WarmHost {
  /** Absolute path of a `spec-kitty` that answers as the real one does, 2.6 s sooner. */
  readonly command: string
  stop(): Promise<void>
}

/**
 * The real host, imported once: `server.py` says how, and why it can be trusted. The warm host of `sko` is imported for
 * each `sko`, and its calls start no program that a test could note: CONTRIBUTING.md has what both cost.
 */
export async function startWarmHost(host: string): Promise<WarmHost> {
  const folder = await mkdtemp(join(tmpdir(), 'sko-warm-host-'))
  const python = join(dirname(await realpath(host)), 'python')
  const socket = join(folder, 'socket')
  const command = join(folder, 'spec-kitty')
  const client = join(import.meta.dirname, 'client.py')
  await writeFile(command, `#!/bin/sh\nexec '${python}' -I -S '${client}' '${socket}' "$@"\n`, { mode: 0o755 })
  const server = spawn(python, ['-P', join(import.meta.dirname, 'server.py'), socket], {
    cwd: folder,
    env: hostEnvironment(process.env, command, folder),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  await Promise.race([
    once(server.stdout, 'data'),
    ended.then(([code]) => Promise.reject(new Error(`the warm host ended with ${code} before it was ready`))),
  ])
  return {
    command,
    async stop() {
      server.stdin.end()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
