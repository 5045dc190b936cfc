import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseStoredConfig } from '../../config/load.ts'
import { newRun, resume } from '../../core/next-command.ts'
import { afterCrash } from '../../core/work-package/cut-off.ts'
import type { ProcessIdentity } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { unwritable } from '../../files/durable-write.ts'
import { findRepository, type Repository } from '../../git/repository.ts'
import { graceSeconds } from '../../local/agent-runner.ts'
import { isAlive } from '../../process/table/identity.ts'
import type { EventBody } from '../../run/events/event.ts'
import { markAbort, unmarkAbort } from '../../state/abort-mark.ts'
import type { LockOwner } from '../../state/lock-record.ts'
import { requestsFolder } from '../../state/requests.ts'
import { readRunLock } from '../../state/run-lock.ts'
import type { RunState } from '../../state/schema.ts'
import { statePath } from '../../state/state-file.ts'
import { createStore, type RunStore, runLogsFolder } from '../../state/store.ts'
import { openJournal } from '../shared/journal.ts'
import { reap, recordsOf, salvage } from '../shared/leftovers.ts'
import { heldBy, takeLock } from '../shared/lock.ts'
import { openHost } from '../shared/open-project.ts'
import { pruneNow } from '../shared/prune-kept.ts'
import { requireRun, storedRun } from '../shared/stored-run.ts'
import { writeOut } from '../terminal/output.ts'

type Report = (event: EventBody) => void

interface AbortOptions {
  readonly repoRoot?: string
  readonly cleanupWorktrees?: boolean
}

/** A run exits 1.8 s after the grace period of its agents; one that takes longer hangs. */
const ownerPatienceMs = (graceSeconds + 5) * 1000

/** Asks the owner to stop, makes sure that it and its agents are gone, commits their work, and ends the run. */
export async function abortCommand(options: AbortOptions): Promise<ExitCode> {
  try {
    return await abort(options)
  } catch (error) {
    throw withAbortHint(error)
  }
}

async function abort(options: AbortOptions): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  const owner = readRunLock(repository.kittify)
  if (owner?.elsewhere) throw heldBy(owner)
  const killed = owner !== null && (await abortOwner(repository.kittify, owner))
  if (owner === null) await requireRun(repository.kittify)
  const release = takeLock(repository.kittify, owner?.runId ?? 'abort')
  try {
    const state = await storedRun(repository.kittify)
    const report = state ? openJournal(repository.kittify, state) : () => undefined
    if (owner && owner.runId === state?.runId) report({ type: 'owner-stopped', pid: owner.identity.pid, killed })
    if (state?.phase === 'running') await abortRun(repository, state, report)
    else writeOut(`${nothingToStop(state, owner)}\n`)
    if (state && options.cleanupWorktrees) await cleanUp(repository, state)
    return exitCodes.ok
  } finally {
    release()
  }
}

/** After the problem is fixed, the user runs `sko abort` again, not `sko resume`. */
function withAbortHint(error: unknown): unknown {
  if (!(error instanceof OrchestratorError)) return error
  const { code, exitCode, message } = error
  const again = (text: string) => text.replaceAll(resume, 'sko abort')
  const next = error.next.map(({ command, why }) => ({ command: again(command), why }))
  return new OrchestratorError({ code, exitCode, message, hint: again(error.hint), next })
}

function nothingToStop(state: RunState | null, owner: LockOwner | null): string {
  if (owner && owner.runId !== state?.runId) return `run ${owner.runId} had not started anything`
  return `run ${state?.runId} of mission ${state?.mission} is already ${state?.phase}: there is nothing to stop`
}

async function abortRun(repository: Repository, state: RunState, report: Report): Promise<void> {
  const store = createStore(repository.kittify, state)
  const ended = await reap(state)
  if (ended > 0) {
    report({ type: 'orphans-reaped', processes: ended })
    writeOut(`ended ${ended} process(es) of the run\n`)
  }
  await salvageAll(repository, state, store, report)
  const again = newRun(state.mission)
  const end = {
    at: new Date().toISOString(),
    reason: 'stopped by sko abort',
    exitCode: exitCodes.terminated,
    next: [again],
  }
  await store.replaceState({ ...store.state(), phase: 'aborted', exitCode: exitCodes.terminated, end })
  report({ type: 'aborted', mission: state.mission, next: [again] })
  writeOut(`run ${state.runId} of mission ${state.mission} is aborted; the lanes are unchanged
a new run continues from there: ${again.command}\n`)
}

/** Returns true when it did not stop in time and was killed. */
async function abortOwner(kittify: string, owner: LockOwner): Promise<boolean> {
  markAbort(kittify, owner.runId)
  try {
    return await stopOwner(owner)
  } catch (error) {
    unmarkAbort(kittify, owner.runId)
    throw error
  }
}

/** A process that survives SIGKILL belongs to another user or is in an uninterruptible call. */
const killPatienceMs = 5_000

async function stopOwner({ identity }: LockOwner): Promise<boolean> {
  writeOut(`asking process ${identity.pid} to stop\n`)
  signal(identity, 'SIGTERM')
  // A suspended process (Ctrl+Z) receives SIGTERM only after SIGCONT.
  signal(identity, 'SIGCONT')
  const deadline = performance.now() + ownerPatienceMs
  while (isAlive(identity) && performance.now() < deadline) await sleep(100)
  if (!isAlive(identity)) return false
  writeOut(`process ${identity.pid} did not stop in ${ownerPatienceMs / 1000} s; killing it\n`)
  signal(identity, 'SIGKILL')
  const end = performance.now() + killPatienceMs
  while (isAlive(identity) && performance.now() < end) await sleep(50)
  if (!isAlive(identity)) return true
  throw new OrchestratorError({
    code: 'owner-alive',
    exitCode: exitCodes.locked,
    message: `process ${identity.pid} owns the run and could not be stopped`,
    hint: `does it belong to another user? As that user: kill ${identity.pid}, then: sko abort`,
  })
}

/** The process may end between the check and the signal. */
function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isAlive(identity)) process.kill(identity.pid, name)
  } catch {}
}

async function salvageAll(repository: Repository, state: RunState, store: RunStore, report: Report): Promise<void> {
  const host = openHost(repository, parseStoredConfig(state.config))
  for (const record of recordsOf(state).map(record => afterCrash(record))) {
    await store.saveWorkPackage(record)
    const kept = await salvage(record, 'aborted', { repository, mission: state.mission, host, report })
    if (kept !== null) writeOut(`${record.wpId}: ${kept}\n`)
  }
}

/** Removes only sko's own files. Lane worktrees belong to the host and may hold work that is nowhere else. */
async function cleanUp(repository: Repository, state: RunState): Promise<void> {
  const { days } = parseStoredConfig(state.config).kept
  const { snapshots, old } = await pruneNow(repository.root, days)
  for (const path of [
    runLogsFolder(repository.kittify, state.runId),
    requestsFolder(repository.kittify),
    statePath(repository.kittify),
    `${statePath(repository.kittify)}.bak`,
  ]) {
    remove(path)
  }
  writeOut(`removed the run's state and logs, and ${snapshots + old} copies of work that are no longer needed; list the others: sko kept
Lane worktrees belong to the host; look at each, then remove it:
  git -C ${repository.root} worktree list
  git -C ${repository.root} worktree remove <path>
  spec-kitty doctor workspaces --fix
`)
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    throw unwritable(path, error)
  }
}
