import type { WpId } from '../../core/ids.ts'
import { uncommitted } from '../../core/work-package/lifecycle.ts'
import { openAttempt, type WpRecord } from '../../core/work-package/work-package.ts'
import type { Repository } from '../../git/repository.ts'
import { createWorkspace } from '../../git/worktree/workspace.ts'
import { graceSeconds, runMarker } from '../../local/agent-runner.ts'
import { attemptMarker } from '../../local/attempt-files.ts'
import { reapOrphans } from '../../process/table/orphans.ts'
import type { EventBody } from '../../run/events/event.ts'
import { type GitWork, need } from '../../run/git/git-work.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import { untilTrouble, whyHalted } from '../../run/steps/own-trouble.ts'
import type { RunState } from '../../state/schema.ts'

interface Place {
  readonly repository: Repository
  readonly mission: string
  readonly host: HostClient
  readonly report: (event: EventBody) => void
}

export function recordsOf(state: RunState): readonly WpRecord[] {
  return Object.values(state.workPackages)
}

/** Ends the processes left by a run that died, found by identity and by marker. Returns their number. */
export function reap(state: RunState): Promise<number> {
  const running = recordsOf(state).flatMap(record => record.attempts.filter(attempt => attempt.result === null))
  return reapOrphans({
    marker: { name: runMarker, value: state.runId },
    identities: running.flatMap(attempt => attempt.process ?? []),
    graceSeconds,
    spared: [],
  })
}

/** Ends the processes of this WP's attempt only. */
export async function reapAttempt(state: RunState, record: WpRecord): Promise<number> {
  const open = openAttempt(record)
  if (!open) return 0
  const marker = attemptMarker(state.runId, record.wpId, open.number)
  const identities = open.process ? [open.process] : []
  return reapOrphans({ marker, identities, graceSeconds, spared: [] })
}

/** Commits the work of the last attempt and reports it. Returns a sentence for the terminal; null: nothing to commit. */
export async function salvage(record: WpRecord, why: string, place: Place): Promise<string | null> {
  if (!uncommitted({ wpId: record.wpId, lane: 'in_progress', worktree: null, record })) return null
  const { mission, host, report } = place
  const { wpId } = record
  const answer = await host.resolveWorkspace({ mission, wpId })
  if (!answer.ok) {
    const reason = `the host says ${answer.code}: ${answer.message}`
    report({ type: 'work-not-committed', wpId, worktree: null, reason })
    return `its lane worktree was not looked at, ${reason}`
  }
  const path = answer.data.workspace_path
  const message = `${wpId}: keep what attempt ${record.attempts.at(-1)?.number ?? 0} left (${why})`
  return untilTrouble(commitAll(wpId, path, message, place), trouble => {
    const reason = whyHalted(trouble)
    report({ type: 'work-not-committed', wpId, worktree: path, reason })
    return `its work in ${path} could not be committed: ${reason}`
  })
}

async function* commitAll(wpId: WpId, path: string, message: string, { repository, report }: Place): GitWork<string> {
  const commit = yield* need(createWorkspace(repository.root).commitAll(path, message))
  report({ type: 'work-committed', wpId, commit, message })
  return `its work is on the lane branch, at ${commit}`
}
