import { statSync } from 'node:fs'
import type { WpId } from '../core/ids.ts'
import type { ProcessIdentity, WpRecord } from '../core/work-package/work-package.ts'
import { adoptProcess } from '../process/supervision/adopt-process.ts'
import { reapOrphans, type SparedAgent } from '../process/table/orphans.ts'
import type { AdoptedAgent, AdoptRequest, AttemptControl, Leftovers, Store } from '../run/ports.ts'
import { type AgentRunnerOptions, graceSeconds, runMarker } from './agent-runner.ts'
import {
  attemptMarker,
  noteStop,
  outcomeOf,
  processFiles,
  readFacts,
  sessionInLog,
  wasToStop,
} from './attempt-files.ts'

interface LeftoverOptions extends Pick<AgentRunnerOptions, 'runId' | 'registry'> {
  /** This process has made the run: no other one can have left anything. */
  readonly isNew: boolean
  readonly store: Pick<Store, 'attemptFiles' | 'records'>
}

/** The `leftovers` port: agents that earlier processes of this run left running on this machine. */
export function createLeftovers(options: LeftoverOptions): Leftovers {
  const { runId, isNew, registry, store } = options
  const spared = new Map<string, SparedAgent>()
  const prefixOf = (request: AdoptRequest) => store.attemptFiles(request.wpId, { ...request, number: request.attempt })

  function adopt(request: AdoptRequest, control: AttemptControl): AdoptedAgent | null {
    const prefix = prefixOf(request)
    const agent = registry.get(request.agent)
    const facts = readFacts(prefix)
    if (!agent || !facts || wasToStop(prefix)) return null
    const startedAtMs = Date.parse(request.startedAt)
    const marker = attemptMarker(runId, request.wpId, request.attempt)
    const spare = (leader: SparedAgent['leader']) => spared.set(marker.value, { marker, leader })
    const { worktree: cwd, timeoutSeconds, inactivitySeconds, maxLogBytes } = facts
    const adopted = adoptProcess(
      {
        cwd,
        ...processFiles(prefix),
        ...{ timeoutSeconds, inactivitySeconds, maxLogBytes, graceSeconds, marker, startedAtMs },
        idleShare: agent.idleShare,
        leader: request.process,
      },
      {
        ...control,
        onSpawn: process => {
          spare(process)
          return control.onSpawn(process)
        },
      },
    )
    if (!adopted) return null
    if (!spared.has(marker.value)) spare(request.process)
    // The end of an agent that is no longer running is known, even if we stop others.
    const unwatch = adopted.running ? noteStop(prefix, control.signal) : () => {}
    const outcome = adopted.ended
      .finally(unwatch)
      .then(({ end, elapsedMs }) =>
        outcomeOf({ agent, facts, prefix, role: request.role, end, elapsedMs, endedAt: startedAtMs + elapsedMs }),
      )
    return { running: adopted.running, worktree: facts.worktree, outcome }
  }

  return {
    adopt,
    sessionOf: request => {
      const agent = registry.get(request.agent)
      return agent ? sessionInLog(agent, prefixOf(request)) : null
    },
    lastSignOf: request => lastWrite(Object.values(processFiles(prefixOf(request)))),
    reap: async () => {
      // Four looks at all processes, with pauses, take a quarter of a second.
      if (isNew) return 0
      const isSpared = (wpId: WpId, number: number) => spared.has(attemptMarker(runId, wpId, number).value)
      const identities = store.records().flatMap(record => openProcesses(record, isSpared))
      const marker = { name: runMarker, value: runId }
      return reapOrphans({ marker, identities, graceSeconds, spared: [...spared.values()] })
    },
  }
}

/** The processes of attempts whose end is not recorded. */
function openProcesses(
  { wpId, attempts }: WpRecord,
  isSpared: (wpId: WpId, number: number) => boolean,
): readonly ProcessIdentity[] {
  return attempts
    .filter(({ result, number }) => result === null && !isSpared(wpId, number))
    .flatMap(({ process }) => process ?? [])
}

/** Milliseconds since the epoch; null: none of the files exists. */
function lastWrite(files: readonly string[]): number | null {
  const times = files.flatMap(file => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? null : Math.max(...times)
}
