import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { ProcessIdentity } from '../../src/core/work-package/work-package.ts'
import type { ProcessSpec } from '../../src/process/supervision/run-process.ts'
import { useCompiled } from './compiled.ts'
import { eventually } from './leaks.ts'
import type { Rig } from './run-fixture.ts'

export interface Parent {
  readonly pid: number
  /** What it printed, one value a line. */
  lines(): readonly unknown[]
  /** Resolves to the identity of its agent once that has been started. */
  started(): Promise<ProcessIdentity>
  readonly exit: Promise<void>
  kill(): Promise<void>
}

/** Runs one agent from a process of its own, which can be stopped and killed. */
export function useParents(rig: () => Rig) {
  const compiled = useCompiled(['.', 'core', 'files', 'process'])
  return (changes: Partial<ProcessSpec>, file: string, ...args: readonly string[]): Parent => {
    const spec: ProcessSpec = {
      ...rig().spec(file, args),
      env: { PATH: process.env.PATH },
      ...changes,
    }
    const parent = spawn(
      process.execPath,
      [resolve('fixtures/bin/agent-runner.mjs'), compiled(), JSON.stringify(spec)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    parent.stdout.on('data', chunk => {
      output += chunk
    })
    const exit = new Promise<void>(done => parent.once('close', () => done()))
    const lines = () =>
      output
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    return {
      pid: parent.pid ?? 0,
      lines,
      exit,
      started: async () => {
        await eventually(() => output.includes('\n'), 'the agent is started')
        return lines()[0].started
      },
      kill: () => {
        parent.kill('SIGKILL')
        return exit
      },
    }
  }
}
