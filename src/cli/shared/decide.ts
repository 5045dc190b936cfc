import { systemClock } from '../../clock.ts'
import { parseStoredConfig } from '../../config/load.ts'
import { isWpId, type WpId } from '../../core/ids.ts'
import { type NextCommand, newRun } from '../../core/next-command.ts'
import { newRecord, type WorkPackage } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { createCommits } from '../../git/history/commits.ts'
import { findRepository, type Repository } from '../../git/repository.ts'
import type { EventBody } from '../../run/events/event.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import { look } from '../../run/mission/look.ts'
import type { Ports } from '../../run/ports.ts'
import type { Decided, DecisionContext } from '../../run/requests/person.ts'
import { reportDecision } from '../../run/requests/report-decision.ts'
import type { DecisionRequest } from '../../run/requests/requests.ts'
import { readRunLock } from '../../state/run-lock.ts'
import type { RunState } from '../../state/schema.ts'
import { createStore, type RunStore } from '../../state/store.ts'
import { askRun, showAnswer } from './ask-run.ts'
import { openJournal } from './journal.ts'
import { takeLock } from './lock.ts'
import { openHost } from './open-project.ts'
import { storedPool } from './stored-pool.ts'
import { requireRun } from './stored-run.ts'

export interface DecideOptions {
  readonly commit?: string
  readonly repoRoot?: string
  readonly reason?: string
}

/** What a command gets when no run is live. */
export interface Alone {
  readonly wp: WorkPackage
  readonly repository: Repository
  readonly state: RunState
  readonly store: RunStore
  readonly host: HostClient
  /** Writes to the journal of the saved run. */
  readonly report: (event: EventBody) => void
  readonly context: DecisionContext & { readonly ports: Pick<Ports, 'commits'> }
}

type Kind = DecisionRequest['kind']

/** Sends the request to the live run. If there is none, `alone` carries it out under the run lock. */
export async function decide(
  kind: Kind,
  wp: string,
  options: DecideOptions,
  alone: (at: Alone) => Promise<Decided>,
): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  const { kittify } = repository
  const { runId } = await requireRun(kittify)
  if (!isWpId(wp)) throw cannot(kind, `there is no ${JSON.stringify(wp)}`, 'a work package id looks like WP01')
  const owner = readRunLock(kittify)
  const request = requestOf(kind, wp, options)
  const answer = owner && (await askRun(kittify, owner, request))
  if (answer) return showAnswer(answer)
  const release = takeLock(kittify, runId)
  try {
    const state = await requireRun(kittify)
    if (state.phase === 'aborted') {
      throw cannot(kind, 'the run was aborted', '', [newRun(state.mission)])
    }
    const config = parseStoredConfig(state.config)
    const host = openHost(repository, config)
    const mission = await look(host, state.mission)
    const node = mission.nodes.find(other => other.wpId === wp)
    if (!node) throw cannot(kind, `there is no ${wp}`, mission.nodes.map(other => other.wpId).join(', '))
    const store = createStore(kittify, state)
    const record = store.records().find(other => other.wpId === wp) ?? newRecord(wp)
    const context = {
      mission: mission.slug,
      config,
      agents: storedPool(store, config),
      stopping: new AbortController().signal,
      ports: { host, store, commits: createCommits(repository.root), clock: systemClock },
    }
    const before = { ...node, worktree: null, record }
    const report = openJournal(kittify, state)
    const decided = await alone({ wp: before, repository, state, store, host, report, context })
    reportDecision(report, request, before, decided)
    return showAnswer(decided.answer)
  } finally {
    release()
  }
}

function requestOf(kind: Kind, wpId: WpId, options: DecideOptions): DecisionRequest {
  const reason = options.reason ?? null
  return kind === 'confirm' ? { kind, wpId, commit: options.commit ?? '', reason } : { kind, wpId, reason }
}

export function cannot(
  kind: Kind,
  message: string,
  hint: string,
  next: readonly NextCommand[] = [],
): OrchestratorError {
  return new OrchestratorError({ code: `cannot-${kind}`, exitCode: exitCodes.usage, message, hint, next })
}

/** Adds the next command to the answer of a request that was carried out. */
export function withHint({ wp, answer }: Decided, next: string): Decided {
  if (!answer.done) return { wp, answer }
  return { wp, answer: { ...answer, hint: answer.hint === null ? next : `${answer.hint}\n${next}` } }
}
