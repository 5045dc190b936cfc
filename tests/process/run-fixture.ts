import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { ProcessIdentity } from '../../src/core/work-package/work-package.ts'
import { type ProcessSpec, runProcess } from '../../src/process/supervision/run-process.ts'
import { eventually, killAll, newToken } from './leaks.ts'

const fixtures = resolve('fixtures/bin')

export interface Rig {
  readonly token: string
  readonly folder: string
  readonly stdoutFile: string
  readonly stop: AbortController
  readonly spawned: ProcessIdentity[]
  /** Seconds of silence of which was warned. */
  readonly quiet: number[]
  spec(fixture: string, args: readonly string[]): ProcessSpec
  run(
    fixture: string,
    args: readonly string[],
    changes?: Partial<ProcessSpec>,
    onSpawn?: () => Promise<void>,
  ): ReturnType<typeof runProcess>
  stdout(): string
  ready(): Promise<void>
}

/** A fresh rig for every test; afterwards none of its processes may be left. */
export function useRig(): () => Rig {
  let rig = newRig()
  beforeEach(() => {
    rig = newRig()
  })
  afterEach(() => {
    const left = killAll(rig.token)
    rmSync(rig.folder, { recursive: true, force: true })
    expect(left).toEqual([])
  })
  return () => rig
}

function newRig(): Rig {
  const token = newToken()
  const folder = join(mkdtempSync(join(tmpdir(), 'sko-process-')), 'with space')
  mkdirSync(folder)
  const stdoutFile = join(folder, 'a.out.log')
  const stop = new AbortController()
  const spawned: ProcessIdentity[] = []
  const quiet: number[] = []
  const stdout = () => readFileSync(stdoutFile, 'utf8')
  const spec: Rig['spec'] = (fixture, args) => ({
    file: fixture.includes('/') ? fixture : join(fixtures, fixture),
    args,
    cwd: folder,
    env: process.env,
    stdinFile: null,
    stdoutFile,
    stderrFile: join(folder, 'a.err.log'),
    statusFile: join(folder, 'a.status'),
    timeoutSeconds: 300,
    inactivitySeconds: 300,
    idleShare: 0.03,
    graceSeconds: 0.5,
    maxLogBytes: null,
    marker: { name: 'SKO_TEST', value: token },
  })
  return {
    token,
    folder,
    stdoutFile,
    stop,
    spawned,
    quiet,
    stdout,
    spec,
    ready: () => eventually(() => stdout().includes('ready'), 'the fixture says ready'),
    run: (fixture, args, changes = {}, onSpawn = async () => {}) =>
      runProcess(
        { ...spec(fixture, args), ...changes },
        {
          signal: stop.signal,
          onSpawn: identity => {
            spawned.push(identity)
            return onSpawn()
          },
          onQuiet: seconds => quiet.push(seconds),
        },
      ),
  }
}
