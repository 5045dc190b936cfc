import { existsSync } from 'node:fs'
import { isWpId } from '../../core/ids.ts'
import { findKept, type KeptEntry, mainCheckout } from '../../core/repository/kept.ts'
import { shellWord } from '../../core/text.ts'
import { openAttempt } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { keptCopies } from '../../git/kept/kept-copies.ts'
import { findRepository, type Repository } from '../../git/repository.ts'
import { isAlive } from '../../process/table/identity.ts'
import { branchCommand, keptTable, type ListedKept, shownKept } from '../../report/kept-table.ts'
import type { EventBody } from '../../run/events/event.ts'
import type { GitOutcome } from '../../run/git/git-outcome.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { openJournal } from '../shared/journal.ts'
import { takeLock } from '../shared/lock.ts'
import { storedRun } from '../shared/stored-run.ts'
import { writeOut } from '../terminal/output.ts'

export interface KeptOptions {
  readonly repoRoot?: string
  readonly show?: string
  readonly restore?: string
  readonly prune?: boolean
  readonly json?: boolean
}

/** Lists the kept copies, shows one, restores one, or removes them. */
export async function keptCommand(wp: string | undefined, options: KeptOptions): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  if (wp !== undefined && !isWpId(wp) && wp !== mainCheckout) {
    throw refused(
      `there is no ${JSON.stringify(wp)}`,
      `a work package id looks like WP01; ${mainCheckout} is the main checkout`,
    )
  }
  const entries = dataOf(await keptCopies(repository.root).list()).filter(({ wpId }) => wp === undefined || wpId === wp)
  const which = options.restore ?? options.show
  if (options.prune) return prune(repository, entries)
  if (which === undefined) return listAll(repository, entries, options.json ?? false)
  const entry = findKept(entries, which)
  if (wp === undefined)
    throw refused('name the work package', `sko kept <WP> --${options.restore ? 'restore' : 'show'} ${which}`)
  if (entry === null)
    throw refused(`nothing is kept of ${wp} under ${JSON.stringify(which)}`, `list what is kept: sko kept ${wp}`)
  if (options.restore === undefined) return show(repository, entry, options.json ?? false)
  return restore(repository, entry, options.json ?? false)
}

/** Removes the refs that were listed; their commits stay until git collects garbage. */
async function prune(repository: Repository, entries: readonly KeptEntry[]): Promise<ExitCode> {
  for (const entry of entries) await refuseWhileInUse(repository, entry)
  const release = takeLock(repository.kittify, 'kept')
  try {
    dataOf(await keptCopies(repository.root).drop(entries))
    const kept = entries.map(({ ref, commit }) => ({ ref, commit }))
    if (kept.length > 0) await toJournal(repository, { type: 'kept-removed', kept })
  } finally {
    release()
  }
  writeOut(`${entries.length} removed\n`)
  const here = `git -C ${shellWord(repository.root)}`
  for (const { ref, commit } of entries) writeOut(`  to get it back: ${here} update-ref ${shellWord(ref)} ${commit}\n`)
  return exitCodes.ok
}

async function listAll(repository: Repository, entries: readonly KeptEntry[], json: boolean): Promise<ExitCode> {
  const { countFiles } = keptCopies(repository.root)
  const listed: ListedKept[] = []
  for (const entry of entries) listed.push({ ...entry, files: dataOf(await countFiles(entry)) })
  writeOut(`${json ? JSON.stringify({ kept: listed }) : keptTable(listed)}\n`)
  return exitCodes.ok
}

async function show(repository: Repository, entry: KeptEntry, json: boolean): Promise<ExitCode> {
  const content = dataOf(await keptCopies(repository.root).content(entry))
  writeOut(`${json ? JSON.stringify({ ...entry, ...content }) : shownKept(entry, content)}\n`)
  return exitCodes.ok
}

async function restore(repository: Repository, entry: KeptEntry, json: boolean): Promise<ExitCode> {
  await refuseWhileInUse(repository, entry)
  const release = takeLock(repository.kittify, `kept-${entry.number}`)
  try {
    const worktree = await worktreeOf(repository, entry)
    const why = `what was there before ${entry.number} was restored`
    const target = { worktree, runId: entry.runId, wpId: entry.wpId }
    const { before, written, left } = dataOf(await keptCopies(repository.root).restore(target, entry, why))
    const { wpId, ref } = entry
    const kept = before?.ref ?? null
    await toJournal(repository, { type: 'kept-restored', wpId, ref, worktree, written, left, before: kept })
    if (json) writeOut(`${JSON.stringify({ worktree, written, left, before: before?.ref ?? null })}\n`)
    else {
      writeOut(`${written.length} file(s) restored in ${worktree}; nothing was removed there\n`)
      for (const path of written) writeOut(`  ${path}\n`)
      if (before !== null) writeOut(`their previous content is kept as ${before.ref}\n`)
      for (const reason of left) writeOut(`not written: ${reason}\n`)
      if (left.length > 0)
        writeOut(`to get those too, make a branch of the copy: ${branchCommand(repository.root, entry)}\n`)
    }
    return left.length > 0 ? exitCodes.needsPerson : exitCodes.ok
  } finally {
    release()
  }
}

/** Writes to the journal of the saved run, if there is one. Only under the run lock. */
async function toJournal({ kittify }: Repository, event: EventBody): Promise<void> {
  const state = await storedRun(kittify)
  if (state !== null) openJournal(kittify, state)(event)
}

/** A live run may start an agent there at any moment, and an agent of a dead run may still be working. */
async function refuseWhileInUse(repository: Repository, { wpId }: KeptEntry): Promise<void> {
  const owner = readRunLock(repository.kittify)
  if (owner !== null) {
    throw refused(
      `run ${owner.runId} is running: its agents may be working in the lane worktree of ${wpId}`,
      'wait until it has ended, or stop it with Ctrl+C or sko abort, then restore',
    )
  }
  const state = await storedRun(repository.kittify)
  const open = Object.values(state?.workPackages ?? {}).find(record => record.wpId === wpId)
  const process = open ? openAttempt(open)?.process : null
  if (!process || !isAlive(process)) return
  throw refused(`an agent is working in the lane worktree of ${wpId}`, 'stop it with: sko abort   then restore')
}

/** An agent could have written this path into a commit, so it must be a lane worktree of this repository. */
async function worktreeOf(repository: Repository, entry: KeptEntry): Promise<string> {
  const gone = (cause: string) => refused(cause, `make a branch of the copy: ${branchCommand(repository.root, entry)}`)
  const { wpId, worktree } = entry
  if (wpId === mainCheckout) throw gone('sko writes no files in the main checkout')
  if (worktree === null || !existsSync(`${worktree}/.git`))
    throw gone(`the lane worktree ${worktree ?? ''} of ${wpId} is gone`)
  const checked = await keptCopies(repository.root)
    .checkedWorktree(worktree)
    .catch(error => {
      if (error instanceof OrchestratorError) throw gone(`it names a worktree outside the repository: ${worktree}`)
      throw error
    })
  if (!checked.ok) throw gone(checked.message)
  return checked.data
}

/** A failing git is reported as an error, not as a bug. */
function dataOf<T>(outcome: GitOutcome<T>): T {
  if (!outcome.ok) throw refused(outcome.message, 'the refs are listed by: git for-each-ref refs/sko/kept')
  return outcome.data
}

function refused(message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code: 'cannot-restore', exitCode: exitCodes.usage, message, hint })
}
