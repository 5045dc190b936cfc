import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Port of the server that answers the fake host's calls; not there in a ring whose host is killed. */
    fakeHostPort?: string
  }
}

const server = fileURLToPath(new URL('../../../fixtures/bin/fake-host/server.mjs', import.meta.url))

/** One server for all files of the run. Vitest ends what it returns after the last file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [server], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [port] = await once(createInterface(child.stdout), 'line')
  project.provide('fakeHostPort', String(port))
  return async () => {
    const exit = once(child, 'exit')
    child.stdin.end()
    await exit
  }
}
