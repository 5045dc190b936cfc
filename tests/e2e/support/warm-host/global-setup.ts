import type { TestProject } from 'vitest/node'
import { realHost } from '../real-host.ts'
import { startWarmHost } from './warm-host.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the program that all files of this run share. */
    warmHost: string
  }
}

/** Vitest ends what it returns after the last file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const host = await startWarmHost(realHost())
  project.provide('warmHost', host.command)
  return host.stop
}
