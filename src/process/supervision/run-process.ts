import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { ProcessIdentity } from '../../core/work-package/work-package.ts'
import { setAside } from '../../files/set-aside.ts'
import type { AgentEnd, AttemptControl } from '../../run/ports.ts'
import { identify } from '../table/identity.ts'
import { trackOwned } from '../table/ownership.ts'
import type { Marker } from '../table/process-table.ts'
import { groupMembers } from '../table/process-tree.ts'
import { type Exit, exitOf, writingStatus } from './exit-status.ts'
import { aborted, type LifeSpec, seeThrough } from './process-life.ts'
import { refusalToExecute, type SpawnFailure, spawnFailed } from './spawn-failure.ts'

/** Its logs are made anew, mode 0600; what is there is kept as `<file>.before-<n>`. */
export interface ProcessSpec extends LifeSpec {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; the marker is added to it. */
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** Read from its beginning; null: an empty standard input. */
  readonly stdinFile: string | null
  /** Made (0600) when it ends, for whoever adopts it; `file` must be absolute then. null: it is not to outlive us. */
  readonly statusFile: string | null
  /** Must be this process's alone, not the run's: whatever carries it is ended when the process has ended. */
  readonly marker: Marker
}

interface Child {
  readonly kind: 'started'
  readonly leader: ProcessIdentity
  readonly exit: Promise<Exit>
}

/**
 * Runs one agent from its start until nothing of it is left. Output goes to the files by descriptor, never through
 * us: memory stays flat, a background process that keeps them open delays nothing, and the log goes on if we die.
 */
export async function runProcess(
  spec: ProcessSpec,
  control: AttemptControl,
): Promise<{ readonly end: AgentEnd; readonly elapsedMs: number }> {
  const startedAt = performance.now()
  const end = control.signal.aborted ? aborted : await run(spec, control)
  return { end, elapsedMs: performance.now() - startedAt }
}

async function run(spec: ProcessSpec, control: AttemptControl): Promise<AgentEnd> {
  const child = await start(spec)
  if (child.kind === 'spawn-failed') return child
  const ownership = trackOwned([spec.marker])
  // Its number was taken until this moment, so whatever is in its group now is ours.
  void child.exit.then(() => ownership.claim(groupMembers(child.leader.pid)))
  return seeThrough(spec, control, { ...child, ranMs: 0 }, ownership)
}

/** Own group and session. Plain spawn: execa's types admit no descriptor above 9, and its timers and kill no group. */
async function start(spec: ProcessSpec): Promise<Child | SpawnFailure> {
  const descriptors: number[] = []
  const open = (path: string, flags: string): number => {
    const descriptor = openSync(path, flags, 0o600)
    descriptors.push(descriptor)
    return descriptor
  }
  // What was there is not this agent's answer, least of all one that another agent put there.
  const openNew = (path: string): number => {
    setAside(path)
    return open(path, 'ax')
  }
  try {
    const refusal = spec.statusFile === null ? null : refusalToExecute(spec.file)
    if (refusal) return spawnFailed(spec, refusal)
    const stdin = spec.stdinFile === null ? 'ignore' : open(spec.stdinFile, 'r')
    const stdout = openNew(spec.stdoutFile)
    const stderr = spec.stderrFile === null ? stdout : openNew(spec.stderrFile)
    if (spec.statusFile !== null) setAside(spec.statusFile)
    const { file, args, env } = spec.statusFile === null ? spec : writingStatus(spec, spec.statusFile)
    const child = spawn(file, args, {
      cwd: spec.cwd,
      env: { ...env, [spec.marker.name]: spec.marker.value },
      stdio: [stdin, stdout, stderr],
      detached: true,
    })
    const exit = new Promise<Exit>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(exitOf(code ?? 1, signal)))
    })
    // Until we wait for it even a process that has ended is in the table.
    const leader = child.pid === undefined ? null : identify(child.pid)
    if (leader !== null) return { kind: 'started', leader, exit }
    await exit
    return spawnFailed(spec, new Error('it ended at once'))
  } catch (error) {
    return spawnFailed(spec, error)
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor)
  }
}
