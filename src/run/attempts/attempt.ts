import { once } from 'node:events'
import type { Failure } from '../../core/agent/failure.ts'
import { modelUse, modelUseOf } from '../../core/agent/model-use.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import { quote, redact, withoutEscapes } from '../../core/text.ts'
import { beginAttempt } from '../../core/work-package/apply-outcome.ts'
import { ownUsage } from '../../core/work-package/session.ts'
import type { Attempt, AttemptResult, Role, WpRecord } from '../../core/work-package/work-package.ts'
import type { Room } from '../budget/budget-rooms.ts'
import type { AttemptOutcome } from '../ports.ts'
import type { RunContext } from '../run-context.ts'
import { troubleOf, whyHalted } from '../steps/own-trouble.ts'
import type { EndedAttempt } from './ended-attempt.ts'
import { withFullDisk } from './full-disk.ts'
import { type AttemptPlan, newAttempt } from './new-attempt.ts'

const lastWordsLength = 600
/** Large enough to contain the start of a multi-line secret. */
const lookedAtLength = 64 * 1024

/** One agent process, from the record before its start to the record of its end. */
export async function runAttempt(plan: AttemptPlan, run: RunContext): Promise<EndedAttempt> {
  const { wp, role, agent } = plan
  let begun = false
  const begin = (room: Room) => {
    begun = true
    return attemptNow(plan, room, run)
  }
  const turn = run.agents.withSlot(agent, async () =>
    run.stopping.aborted
      ? null
      : run.budget.withRoom(wp.wpId, role, room =>
          run.agents.startWhenProven(agent, role, AbortSignal.any([run.stopping, room.stop]), () => begin(room)),
        ),
  )
  // A free slot may be hours away, so stopping this WP does not wait for it.
  const ended = (await unlessAborted(turn, run.stopping)) ?? (begun ? await turn : null)
  return ended ?? notBegun(plan, run)
}

/** Returns null when the signal came first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null
  const over = new AbortController()
  const nothing = () => null
  const aborted = once(signal, 'abort', { signal: over.signal }).then(nothing, nothing)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    over.abort()
  }
}

function notBegun(plan: AttemptPlan, run: RunContext): EndedAttempt {
  const attempt = newAttempt(plan, run)
  return {
    begun: plan.wp.record,
    attempt: { ...attempt, endedAt: attempt.startedAt, result: { kind: 'interrupted' } },
    outcome: null,
  }
}

async function attemptNow(plan: AttemptPlan, room: Room, run: RunContext): Promise<EndedAttempt> {
  const { wp, role, agent: agentId } = plan
  const { store, report } = run.ports
  const isOver = run.stopping.aborted || room.stop.aborted || !run.mayBegin()
  if (isOver || isUnusable(agentId, role, run) || !room.take()) return notBegun(plan, run)
  const started = newAttempt(plan, run)
  const begun = beginAttempt(wp.record, started, plan.wpBase)
  await store.saveWorkPackage(begun)
  const reviewerIsReadOnly = run.agents.reviewerIsReadOnly(agentId)
  report({ type: 'attempt-started', ...shownOf(wp.wpId, started, run), cycle: started.cycle, reviewerIsReadOnly })

  let running = started
  const agent = run.ports.runAgent(
    {
      wpId: wp.wpId,
      role,
      agent: agentId,
      attempt: started.number,
      cycle: started.cycle,
      prompt: plan.prompt,
      worktree: plan.worktree,
      timeoutSeconds: run.agents.timeoutSeconds(agentId),
      inactivitySeconds: run.config.agents.inactivity_seconds,
      resumeSession: plan.resumeSession,
      wpModel: plan.wpModel ?? null,
    },
    {
      signal: AbortSignal.any([run.stopping, room.stop]),
      onSpawn: async process => {
        running = { ...started, process }
        await store.saveWorkPackage(beginAttempt(wp.record, running, plan.wpBase))
      },
      onQuiet: quietSeconds => tellQuiet(wp.wpId, started, quietSeconds, run),
    },
  )
  const outcome = await failedByOwnTrouble(agent, run)
  const over = {
    ...running,
    endedAt: endOf(running, outcome),
    result: await withFullDisk(judgedEnd(outcome, running), plan.worktree, run),
  }
  const attempt = await conclude(wp.record, over, outcome, run)
  room.book(attempt)
  return { begun, attempt, outcome }
}

/** The files of an attempt can disappear while it runs. Then the attempt has failed, even if its agent succeeded. */
export async function failedByOwnTrouble(agent: Promise<AttemptOutcome>, run: RunContext): Promise<AttemptOutcome> {
  const { clock } = run.ports
  const startedAt = clock.now()
  try {
    return await agent
  } catch (error) {
    const message = quote(whyHalted(troubleOf(error)))
    const failure = { class: 'crashed', detail: message } as const
    return {
      end: { kind: 'spawn-failed', reason: 'other', message },
      report: { ok: false, failure, text: '', usage: null, sessionId: null },
      elapsedMs: Math.max(0, clock.now() - startedAt),
    }
  }
}

export function tellQuiet(wpId: WpId, attempt: Attempt, quietSeconds: number, run: RunContext): void {
  const limitSeconds = run.config.agents.inactivity_seconds
  const shown = shownOf(wpId, attempt, run)
  run.ports.report({ type: 'agent-quiet', ...shown, quietSeconds: Math.round(quietSeconds), limitSeconds })
}

/** The fields that all events about an attempt have. */
export function shownOf(wpId: WpId, attempt: Attempt, run: RunContext) {
  const { role, agent, number } = attempt
  return { wpId, role, agent, attempt: number, log: run.ports.store.attemptFiles(wpId, attempt) }
}

/** Processes the end of an agent: its usage, its words, and the effects on others. `before`: the record without this end. */
export async function conclude(
  before: WpRecord,
  over: Attempt & { readonly result: AttemptResult },
  { report, elapsedMs, stash, strayed, settings }: AttemptOutcome,
  run: RunContext,
): Promise<Attempt> {
  const { result } = over
  if (result.kind !== 'interrupted') {
    await run.agents.attemptEnded(over, result.kind === 'failed' ? result.failure : null)
  }
  const { cumulativeUsage } = run.agents.agent(over.agent)
  const attempt = {
    ...{ ...over, ...(strayed && { strayed }), ...(settings && { settings }) },
    usage: ownUsage(report.usage, report.sessionId, before, cumulativeUsage),
    sessionId: report.sessionId,
    ...(report.answerer && modelUse(report.answerer)),
    lastWords: lastWordsOf(report.text) || null,
    ...(stash ? { stash } : {}),
  }
  run.ports.report({
    type: 'attempt-ended',
    ...shownOf(before.wpId, attempt, run),
    elapsedMs: Math.round(elapsedMs),
    usage: attempt.usage,
    ...modelUseOf(attempt),
    failure: result.kind === 'failed' ? result.failure : null,
    interrupted: result.kind === 'interrupted',
  })
  run.models.ended(before.wpId, attempt)
  return attempt
}

/** The start plus the elapsed time, because the wall clock may have been set in between. */
export function endOf({ startedAt }: Attempt, { elapsedMs }: AttemptOutcome): string {
  return new Date(Date.parse(startedAt) + elapsedMs).toISOString()
}

export function judgedEnd(
  outcome: AttemptOutcome,
  { resumedSession, wpModel, configuredModel }: Attempt,
): AttemptResult {
  const result = resultOf(outcome)
  return wpModel
    ? blame(result, `use the model ${configuredModel} of the work package`)
    : blameSession(result, resumedSession)
}

/** If a CLI does not find its session, only the session failed: the next attempt starts a new one. */
function blameSession(result: AttemptResult, session: string | null): AttemptResult {
  return session === null ? result : blame(result, `continue session ${session}`)
}

/** The invocation was bad because of something that the next attempt does without, so the agent stays usable. */
function blame(result: AttemptResult, what: string): AttemptResult {
  if (result.kind !== 'failed' || result.failure.class !== 'bad-invocation') return result
  const detail = `could not ${what}: ${result.failure.detail}`
  return { kind: 'failed', failure: { class: 'agent-error', detail: quote(detail) } }
}

/** The agent may have become unusable while this attempt waited for a slot. */
function isUnusable(id: AgentId, role: Role, run: RunContext): boolean {
  const now = run.ports.clock.now()
  return run.agents.facts(role).some(agent => agent.id === id && (agent.out !== null || agent.coolingUntil > now))
}

/** The end of its message, from the start of a line if possible. Redacted first, because half a secret is not recognized. */
function lastWordsOf(text: string): string {
  const said = redact(withoutEscapes(text.slice(-lookedAtLength))).trimEnd()
  const end = said.slice(-lastWordsLength)
  const line = end.indexOf('\n')
  return quote(said.length > end.length && line >= 0 ? end.slice(line + 1) : end, lastWordsLength)
}

/** The end of the process takes precedence over its output: a CLI that we stopped may still print a success record. */
function resultOf({ end, report }: AttemptOutcome): AttemptResult {
  const failed = (failure: Failure): AttemptResult => ({ kind: 'failed', failure })
  switch (end.kind) {
    case 'aborted':
      return { kind: 'interrupted' }
    case 'timed-out':
      return failed({ class: 'timed-out', detail: `stopped after agents.timeout_seconds (${end.seconds} s)` })
    case 'stalled':
      return failed({ class: 'stalled', detail: `no sign of life for agents.inactivity_seconds (${end.seconds} s)` })
    case 'log-full':
      return failed({
        class: 'output-limit',
        detail: `printed more than agents.max_log_mb (${end.bytes / 2 ** 20} MB)`,
      })
    case 'spawn-failed':
      return failed(report.ok ? { class: 'bad-invocation', detail: end.message } : report.failure)
    case 'signaled':
      return failed({ class: 'crashed', detail: `ended by ${end.signal}` })
    case 'exited':
      return report.ok ? { kind: 'succeeded' } : failed(report.failure)
  }
}
