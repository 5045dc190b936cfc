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
import { aborted, type LifeSpec, superviseToEnd } from './process-life.ts'
import { refusalToExecute, type SpawnFailure, spawnFailed } from './spawn-failure.ts'

/** Log files are created with mode 0600; existing ones are kept as `<file>.before-<n>`. */
export interface ProcessSpec extends LifeSpec {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; the marker is added to it. */
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** Read from its start; null: empty standard input. */
  readonly stdinFile: string | null
  /**
   * Created (0600) when it ends, for a process that adopts it; `file` must then be absolute. null: it must not outlive
   * us.
   */
  readonly statusFile: string | null
  /**
   * Must be unique to this process, not to the run: when the process has ended, every process with this marker is
   * ended.
   */
  readonly marker: Marker
}

interface Child {
  readonly kind: 'started'
  readonly leader: ProcessIdentity
  readonly exit: Promise<Exit>
}

/**
 * Runs one agent from its start until none of its processes are left. Output goes to files by descriptor, never through
 * us: memory stays flat, a background process that keeps them open delays nothing, and the log continues if we die.
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
  // Its number was in use until now, so every process in its group is ours.
  void child.exit.then(() => ownership.claim(groupMembers(child.leader.pid)))
  return superviseToEnd(spec, control, { ...child, ranMs: 0 }, ownership)
}

/**
 * Creates its own group and session. Uses plain spawn: execa's types allow no descriptor above 9, and its timers kill
 * no group.
 */
async function start(spec: ProcessSpec): Promise<Child | SpawnFailure> {
  const descriptors: number[] = []
  const open = (path: string, flags: string): number => {
    const descriptor = openSync(path, flags, 0o600)
    descriptors.push(descriptor)
    return descriptor
  }
  // An existing file is not this agent's answer, especially if another agent put it there.
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
    // Even a process that has ended stays in the table until we wait for it.
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
