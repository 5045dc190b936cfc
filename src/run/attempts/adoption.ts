import type { WpId } from '../../core/ids.ts'
import { withAttempt } from '../../core/work-package/apply-outcome.ts'
import { afterCrash } from '../../core/work-package/cut-off.ts'
import { type Attempt, openAttempt, type WpRecord } from '../../core/work-package/work-package.ts'
import type { Mission } from '../mission/look.ts'
import type { AdoptRequest } from '../ports.ts'
import type { RunContext } from '../run-context.ts'
import { conclude, endOf, failedByOwnTrouble, judgedEnd, shownOf, tellQuiet } from './attempt.ts'
import type { AdoptedAttempt } from './ended-attempt.ts'
import { withFullDisk } from './full-disk.ts'

/**
 * Continues where an earlier process of this run died. Adopts attempts that are running or have ended since. Ends all
 * other processes that it left; their attempts count as interrupted.
 */
export async function takeOver(run: RunContext, mission: Mission): Promise<ReadonlyMap<WpId, AdoptedAttempt>> {
  const { store, leftovers, report } = run.ports
  const adopted = new Map<WpId, AdoptedAttempt>()
  try {
    for (const record of store.records()) {
      const open = openAttempt(record)
      const taken = open && isStillWanted(record, open, mission) ? adopt(record, open, run) : null
      if (taken) adopted.set(record.wpId, taken)
    }
    const processes = await leftovers.reap()
    if (processes > 0) report({ type: 'orphans-reaped', processes })
    for (const record of store.records()) if (!adopted.has(record.wpId)) await interrupt(record, run)
    return adopted
  } catch (error) {
    // This process ends, so nothing would follow them.
    for (const attempt of adopted.values()) attempt.abandon()
    await Promise.allSettled([...adopted.values()].map(attempt => attempt.over))
    throw error
  }
}

async function interrupt(record: WpRecord, run: RunContext): Promise<void> {
  const open = openAttempt(record)
  if (!open) return
  const { store, leftovers } = run.ports
  const interrupted = afterCrash(record, attempt => leftovers.sessionOf(asked(record.wpId, attempt)))
  await store.saveWorkPackage(interrupted)
  const unseen = interrupted.attempts.find(attempt => attempt.number === open.number)
  if (unseen) run.budget.bookUnseen(record.wpId, unseen)
}

/** Whether the result is still wanted: someone may have moved the WP since. */
function isStillWanted({ wpId, halt }: WpRecord, { role }: Attempt, mission: Mission): boolean {
  const lane = mission.nodes.find(node => node.wpId === wpId)?.lane
  return halt === null && lane === (role === 'implementation' ? 'in_progress' : 'in_review')
}

function asked(wpId: WpId, { role, agent, number, cycle, process, startedAt }: Attempt): AdoptRequest {
  return { wpId, role, agent, attempt: number, cycle, process, startedAt }
}

function adopt(record: WpRecord, open: Attempt, run: RunContext): AdoptedAttempt | null {
  const { wpId } = record
  const { store, leftovers, report } = run.ports
  const over = new AbortController()
  const latest = () => store.records().find(other => other.wpId === wpId) ?? record
  let running = open
  const agent = leftovers.adopt(asked(wpId, open), {
    signal: AbortSignal.any([run.stopping, over.signal]),
    onSpawn: async process => {
      running = { ...open, process }
      await store.saveWorkPackage(withAttempt(latest(), running))
    },
    onQuiet: quietSeconds => tellQuiet(wpId, open, quietSeconds, run),
  })
  if (!agent) return null
  const { startedAt, cycle } = open
  report({ type: 'attempt-adopted', ...shownOf(wpId, open, run), cycle, startedAt, running: agent.running })
  if (agent.running) run.agents.holdSlot(open.agent, agent.outcome)
  const ended = run.budget.withAdopted(wpId, open, async room => {
    room.stop.addEventListener('abort', () => over.abort())
    const outcome = await failedByOwnTrouble(agent.outcome, run)
    const result = await withFullDisk(judgedEnd(outcome, running), agent.worktree, run)
    const ending = { ...running, endedAt: endOf(running, outcome), result }
    const attempt = await conclude(record, ending, outcome, run)
    room.book(attempt)
    // Saved now: the run may end before this is processed, and the next process must not see a failure here.
    if (attempt.result?.kind === 'interrupted') {
      await store.saveWorkPackage(withAttempt(latest(), { ...attempt, endedAt: startedAt }))
    }
    return { begun: record, attempt, outcome }
  })
  // The error reaches those that await it, at the latest at the end of the run.
  ended.catch(() => undefined)
  const abandon = () => over.abort()
  return {
    abandon,
    watched: agent.running,
    over: ended,
    ended: async signal => {
      if (signal.aborted) abandon()
      signal.addEventListener('abort', abandon)
      return ended.finally(() => signal.removeEventListener('abort', abandon))
    },
  }
}
