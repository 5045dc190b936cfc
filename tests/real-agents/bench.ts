import { execFile } from 'node:child_process'
import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { LimitFunction } from 'p-limit'
import { findBinary } from '../../src/agents/detect/find-binary.ts'
import { createRegistry } from '../../src/agents/registry.ts'
import { configSchema } from '../../src/config/schema.ts'
import { isWpId } from '../../src/core/ids.ts'
import type { Role } from '../../src/core/work-package/work-package.ts'
import { createAgentRunner } from '../../src/local/agent-runner.ts'
import { readFacts, sessionInLog } from '../../src/local/attempt-files.ts'
import type { AttemptOutcome } from '../../src/run/ports.ts'
import type { ModelRequest } from './mock/dialect.ts'
import type { ModelRun, ModelServer } from './mock/model-server.ts'
import type { Scenario } from './mock/scenario.ts'
import { expectNothingLeft } from './nothing-left.ts'
import type { Prepared, Rig } from './rig.ts'

/** `node scripts/agent-clis.mjs` puts them there. */
export const programs = join(import.meta.dirname, '../../.cache/agents/bin')

/** One case: a fresh repository, a private home folder, a run of the model server. */
export interface Bench {
  readonly rig: Rig
  readonly worktree: string
  git(...args: readonly string[]): Promise<string>
  run(plan: Plan): Promise<Ran>
  /** The plan of the run before once more, in its home folder, with its model, resuming its session. */
  resume(session: string): Promise<Ran>
  /** How long its CLIs ran. */
  seconds(): number
  /** What the CLI and the server said last. */
  report(): string
  remove(): void
}

export interface Plan {
  readonly role: Role
  readonly scenario: Scenario
  readonly timeoutSeconds?: number
  readonly inactivitySeconds?: number
  /** From when on the CLI only waits, so that another case may use the processors. */
  readonly waits?: (soFar: SoFar) => boolean
  /** It is stopped as soon as it waits. */
  readonly stop?: boolean
}

export interface SoFar {
  readonly requests: readonly ModelRequest[]
  /** The session that the attempt could be continued if it ended now. */
  sessionId(): string | null
}

export interface Ran {
  readonly outcome: AttemptOutcome
  readonly requests: readonly ModelRequest[]
}

/** What all cases share. */
export interface Surroundings {
  readonly server: ModelServer
  /** How many CLIs may work at once; those that only wait are not counted. */
  readonly atWork: LimitFunction
}

/** Only an agent that hangs runs so long, however busy the machine is. */
const defaultTimeoutSeconds = 400
const exec = promisify(execFile)

export async function setUpBench(rig: Rig, { server, atWork }: Surroundings): Promise<Bench> {
  const root = realpathSync(await mkdtemp(join(tmpdir(), `sko-${rig.agent}-`)))
  const worktree = join(root, 'repo')
  const git = async (...args: readonly string[]) =>
    (await exec('git', [...args], { cwd: worktree, env: { PATH: process.env.PATH, HOME: root } })).stdout.trim()
  await mkdir(worktree)
  await git('init', '--quiet', '--initial-branch', 'work')
  await git('config', 'user.name', 'Agent')
  await git('config', 'user.email', 'agent@example.invalid')
  await writeFile(join(worktree, 'base.txt'), 'base\n')
  // Cases tell by such files how far a tool got; all sandboxes allow them here.
  await writeFile(join(worktree, '.gitignore'), '*.signal\n')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'Base')

  let runs = 0
  let elapsedMs = 0
  let place: Place | null = null
  const logs = join(root, 'logs')
  const prefixOf = (number: number) => join(logs, `attempt-${number}`)

  return {
    rig,
    worktree,
    git,
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),

    seconds: () => elapsedMs / 1000,

    async run(plan) {
      const home = join(root, `home-${runs + 1}`)
      await mkdir(home)
      const model = server.begin(rig.dialect, plan.scenario)
      place = { home, plan, model, prepared: await rig.prepare(home, model.baseUrl) }
      return attempt(place, null)
    },

    resume(session) {
      if (!place) throw new Error('nothing was run before')
      return attempt(place, session)
    },

    report() {
      const prefix = prefixOf(runs)
      const files = ['exit', 'out.log', 'err.log'].map(name => `--- ${name}\n${lastOf(`${prefix}.${name}`)}`)
      return [...files, `--- model server\n${place?.model.log.slice(-20).join('\n')}`].join('\n')
    },
  }

  async function attempt({ home, plan, model, prepared }: Place, resumeSession: string | null): Promise<Ran> {
    const { role, timeoutSeconds = defaultTimeoutSeconds, inactivitySeconds = 600, waits, stop } = plan
    runs += 1
    const prefix = prefixOf(runs)
    const runId = `${root.split('/').at(-1)}-${runs}`
    const temporary = join(root, `tmp-${runs}`)
    await mkdir(temporary)
    const { env, settings } = prepared
    const asked = model.requests.length
    const runAgent = createAgentRunner({
      runId,
      repoRoot: worktree,
      config: configSchema.parse({ agents: { settings: { [rig.agent]: { ...settings } } } }),
      maxLogMb: 2048,
      host: 'spec-kitty',
      registry: createRegistry({}),
      findProgram: agent => findBinary(agent, programs),
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', TMPDIR: temporary, HOME: home, ...env },
      store: { attemptFiles: () => prefix },
      now: Date.now,
    })
    const wpId = 'WP01'
    if (!isWpId(wpId)) throw new Error('no WP id')
    const stopping = new AbortController()
    const request = { wpId, role, agent: rig.agent, attempt: runs, cycle: 1, worktree }
    const prompt = Buffer.from(prompts[role])
    const outcome = await atWork(() => {
      const ran = runAgent(
        { ...request, prompt, timeoutSeconds, inactivitySeconds, resumeSession, wpModel: null },
        { signal: stopping.signal, onSpawn: async () => {}, onQuiet: () => {} },
      )
      const soFar = { requests: model.requests, sessionId: () => sessionOf(rig, prefix) }
      const waiting = waits ? until(() => waits(soFar), ran).then(() => stop && stopping.abort()) : ran
      return Promise.race([ran, waiting]).then(() => ({ ran }))
    }).then(({ ran }) => ran)
    elapsedMs += outcome.elapsedMs
    await expectNothingLeft(runId, root)
    return { outcome, requests: model.requests.slice(asked) }
  }
}

/** Where a run took place, for one that continues from it. */
interface Place {
  readonly home: string
  readonly plan: Plan
  readonly model: ModelRun
  readonly prepared: Prepared
}

const prompts: Readonly<Record<Role, string>> = {
  implementation: '# Implement WP01\n\nDo the work that is described here.\n',
  review: '# Review WP01\n\nLook at the last commit and answer with your verdict.\n',
}

function sessionOf({ agent }: Rig, prefix: string): string | null {
  const adapter = createRegistry({}).get(agent)
  return readFacts(prefix)?.session ?? (adapter ? sessionInLog(adapter, prefix) : null)
}

/** Resolves when it holds, or the agent has ended before. */
async function until(condition: () => boolean, ran: Promise<unknown>): Promise<void> {
  let ended = false
  const end = () => {
    ended = true
  }
  void ran.then(end, end)
  while (!ended && !condition()) await sleep(20)
}

function lastOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-4000)
  } catch {
    return '(none)'
  }
}
