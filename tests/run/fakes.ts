import { policyFor } from '../../src/agents/policy.ts'
import type { Config } from '../../src/config/schema.ts'
import { configSchema } from '../../src/config/schema.ts'
import type { Entry } from '../../src/core/explain/entry.ts'
import { type AgentId, isAgentId, isWpId, type WpId } from '../../src/core/ids.ts'
import { unfinished } from '../../src/core/mission/finish-progress.ts'
import type { WpRecord } from '../../src/core/work-package/work-package.ts'
import { realPlace } from '../../src/files/real-place.ts'
import { takeOver } from '../../src/run/attempts/adoption.ts'
import type { Agent } from '../../src/run/attempts/agent.ts'
import { createAgentPool } from '../../src/run/attempts/agent-pool.ts'
import { createRunBudget } from '../../src/run/budget/budget.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { type Finish, finish } from '../../src/run/finish/finish.ts'
import type { MissionState } from '../../src/run/host/answers.ts'
import type { HostOutcome } from '../../src/run/host/host-outcome.ts'
import { look } from '../../src/run/mission/look.ts'
import { createWorktreesInUse } from '../../src/run/mission/worktrees-in-use.ts'
import type { WpResult } from '../../src/run/mission/wp-result.ts'
import { createModelWatch } from '../../src/run/models/model-watch.ts'
import { orchestrate } from '../../src/run/orchestrate.ts'
import type { CheckRequest, Ports } from '../../src/run/ports.ts'
import { createRequests, type Requests } from '../../src/run/requests/requests.ts'
import type { RunContext } from '../../src/run/run-context.ts'
import { createIncarnation, type Incarnation } from './fakes/incarnation.ts'
import { createLiveAgents, type LiveAgents } from './fakes/live-agents.ts'
import { memoryCombining } from './fakes/memory-combining.ts'
import { createMemoryGit, type MemoryGit } from './fakes/memory-git.ts'
import { createMemoryHost, type Fault, type HostEvent, type MemoryHost, type PlannedWp } from './fakes/memory-host.ts'
import { type MemoryRecords, memoryRecorder } from './fakes/memory-recorder.ts'
import { createMemoryStore, type MemoryStore } from './fakes/memory-store.ts'
import { type Behaviour, fakeAgent } from './fakes/scripted-agents.ts'
import { createVirtualTime, type VirtualTime } from './fakes/virtual-time.ts'

export function wp(text: string): WpId {
  if (!isWpId(text)) throw new Error(text)
  return text
}

export function agent(text: string): AgentId {
  if (!isAgentId(text)) throw new Error(text)
  return text
}

/** A configuration as the file would give it; agents `ada` and `bob` unless said. */
export function configOf(given: Record<string, unknown> = {}): Config {
  const agents = { implementation: ['ada', 'bob'], review: ['bob', 'ada'] }
  const { agents: more, ...rest } = given
  return configSchema.parse({ ...rest, agents: { ...agents, ...(more ?? {}) } })
}

export interface WorldOptions {
  readonly wps: readonly PlannedWp[]
  readonly behave: Behaviour
  /** What a configured check does, and its exit code; 0 unless said. */
  readonly check?: (request: CheckRequest, world: World) => number
  readonly config?: Config
  readonly topology?: 'coord' | 'lanes'
  /** In [0, 1): decides how long calls take and in which order what is due at once happens. */
  readonly random?: () => number
  readonly fault?: (command: keyof Ports['host'], wpId: WpId | null) => Fault
  readonly look?: (truth: MissionState, world: World) => HostOutcome<MissionState>
  /** How long a call of the host takes; 1 to 3 s unless said. */
  readonly hostMillis?: () => number
  readonly onHostEvent?: (event: HostEvent, world: World) => void
  readonly onReport?: (event: EventBody) => void
  /** What differs from the fake agent, of all agents. */
  readonly agentFacts?: Partial<Pick<Agent, 'reviewerRunsGit' | 'promptVia' | 'resumes' | 'cumulativeUsage'>>
  readonly onlyWps?: readonly WpId[]
  /** Of an earlier process of the run. */
  readonly records?: Readonly<Record<WpId, WpRecord>>
}

export interface World {
  readonly time: VirtualTime
  readonly git: MemoryGit
  readonly host: MemoryHost
  readonly store: MemoryStore
  /** Review records of what was merged. */
  readonly records: MemoryRecords
  readonly agents: LiveAgents
  readonly events: EventBody[]
  /** For `sko explain`, of all its processes. */
  readonly recorded: Entry[]
  readonly config: Config
  readonly planned: readonly PlannedWp[]
  /** A new process of the orchestrator; the world keeps what the ones before did. */
  begin(life?: Incarnation, config?: Config): Process
}

export interface Process {
  readonly life: Incarnation
  readonly run: RunContext
  /** What a person asks of it while it runs. */
  readonly ask: Requests['ask']
  /** What the first signal does. */
  stop(): void
  /** Until nothing more can be done; merge and accept are left out. */
  wpResults(): Promise<readonly WpResult[]>
  /** From the first look to accept; null when the process was killed on the way. */
  whole(): Promise<Ended | null>
}

export interface Ended {
  readonly wpResults: readonly WpResult[]
  readonly finish: Finish | null
}

const mission = '001-demo-01ABCDEF'

export function createWorld(options: WorldOptions): World {
  const random = options.random ?? (() => 0.5)
  const config = options.config ?? configOf()
  const time = createVirtualTime(random)
  const git = createMemoryGit(() => time.clock.now())
  const between = (low: number, high: number) => () => low + random() * (high - low)
  const host = createMemoryHost({
    mission,
    wps: options.wps,
    topology: options.topology ?? 'coord',
    git,
    actor: config.actor,
    millis: options.hostMillis ?? between(1_000, 3_000),
    onEvent: event => options.onHostEvent?.(event, world),
    ...(options.fault ? { fault: options.fault } : {}),
    look: truth => options.look?.(truth, world) ?? { ok: true, data: truth },
  })
  const store = createMemoryStore({
    version: 3,
    activeMs: 0,
    runId: 'run-1',
    mission,
    missionId: null,
    actor: config.actor,
    phase: 'running',
    startedAt: new Date(time.clock.now()).toISOString(),
    config,
    onlyWps: options.onlyWps ?? null,
    host: { command: 'spec-kitty' },
    workPackages: options.records ?? {},
    cooldowns: {},
    finish: unfinished,
    start: null,
    exitCode: null,
    end: null,
  })
  const agents = createLiveAgents({
    git,
    host,
    store,
    time,
    random,
    behave: options.behave,
    check: request => options.check?.(request, world) ?? 0,
  })
  const events: EventBody[] = []
  const records: MemoryRecords = new Map()
  const recorded: Entry[] = []
  const ids = [...new Set([...config.agents.implementation, ...config.agents.review])]
  const registry = new Map(ids.map(id => [id, { ...fakeAgent(id), ...options.agentFacts }]))

  const begin: World['begin'] = (life = createIncarnation(time), now = config) => {
    store.reload()
    const { cooldowns, startedAt, activeMs: activeBefore } = store.state()
    const began = time.passed()
    const activeMs = () => activeBefore + time.passed() - began
    const stopping = new AbortController()
    const saves = store.store(life, between(1, 20), activeMs)
    const ports: Ports = {
      host: host.client(life),
      runAgent: agents.port(life),
      leftovers: agents.leftovers(life),
      runCheck: agents.checks(life),
      workspace: git.workspace(life, between(5, 50)),
      commits: git.commits(life, between(5, 50)),
      mainCheckout: {
        branch: async () => host.mainBranch(),
        switchCommand: async branch => ({ ok: true, data: `git checkout ${branch}` }),
        whyNotMerge: async () => ({ ok: true, data: null }),
        takeBack: async () => [],
        strategyOfHost: async () => 'merge',
        bringBack: async wpId => `git checkout HEAD -- tasks/${wpId}.md`,
      },
      combining: memoryCombining(life, between(5, 50)),
      recorder: memoryRecorder(life, between(5, 50), records),
      store: saves,
      clock: time.clock,
      report: event => {
        if (!life.alive()) return
        events.push(event)
        options.onReport?.(event)
      },
      record: entry => {
        if (life.alive()) recorded.push(entry)
      },
    }
    const budget = createRunBudget({ config: now, records: saves.records(), runStartedAt: startedAt, activeMs, ports })
    const pool = createAgentPool({
      config: now,
      registry,
      unavailable: () => null,
      cooldowns,
      policyFor: (agent, capabilities) => policyFor(agent, capabilities, '0.0.0'),
      ports,
    })
    const requests = createRequests()
    const run: RunContext = {
      runId: 'run-1',
      mission,
      missionId: null,
      repository: 'repo',
      config: now,
      ports,
      agents: pool,
      budget,
      models: createModelWatch(saves.records(), ports.report),
      adopted: new Map(),
      worktrees: createWorktreesInUse(realPlace),
      requests,
      couldMeet: () => true,
      foretold: () => [],
      mayBegin: () => true,
      stopping: stopping.signal,
      onlyWps: options.onlyWps ?? null,
    }
    const wpResults = async (): Promise<readonly WpResult[]> => {
      const first = await look(ports.host, mission)
      const adopted = await takeOver(run, first)
      const records = new Map(saves.records().map(record => [record.wpId, record]))
      return orchestrate({ ...run, adopted }, first, records)
    }
    const everything = async (): Promise<Ended> => {
      for (;;) {
        const reached = await wpResults()
        if (stopping.signal.aborted) return { wpResults: reached, finish: null }
        const end = await finish(run, reached, store.state().finish)
        if (!end.sentBack) return { wpResults: reached, finish: end }
      }
    }
    return {
      life,
      run,
      ask: requests.ask,
      stop: () => stopping.abort(),
      wpResults,
      whole: () => Promise.race([everything(), life.killed.then(() => null)]),
    }
  }

  const world: World = {
    time,
    git,
    host,
    store,
    records,
    agents,
    events,
    recorded,
    config,
    planned: options.wps,
    begin,
  }
  for (const [index, { wpId, lane, laneId }] of options.wps.entries()) {
    if (lane && lane !== 'planned' && laneId !== null) {
      const worktree = git.allocate(host.worktreePath(wpId), `kitty/${laneId ?? `lane-${index}`}`)
      git.commit(worktree, `${wpId} implementation`)
    }
  }
  return world
}

/** Runs the whole mission once, undisturbed. */
export async function runWorld(world: World, process: Process = world.begin()): Promise<Required<Ended>> {
  const ended = await world.time.drive(process.whole())
  if (!ended) throw new Error('it was killed')
  return ended
}
