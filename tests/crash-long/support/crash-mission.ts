import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { createFakeMission, type FakeMission, type FakeMissionInit } from '../../cli/support/fake-mission.ts'
import { type AgentRule, fakeAgents } from '../../cli/support/scenario.ts'

/** A mission on the fake host that is copied for each run; made once, since making it costs as much as a run. */
export interface Template {
  readonly folder: string
  readonly mission: FakeMission
  dispose(): Promise<void>
}

export interface CrashMission {
  /** The repository, what the fake host remembers, and what the fake agents did. */
  readonly folder: string
  readonly repo: string
  readonly slug: string
  readonly env: Readonly<Record<string, string>>
  dispose(): Promise<void>
}

export interface Ended {
  /** null: ended by a signal. */
  readonly exitCode: number | null
  readonly output: string
  /** What it would have done next when it was killed, e.g. `12 spawn host start-implementation WP02 (before)`. */
  readonly killedAt: string | null
}

/** By number, or by name and how often it was met. */
export type KillPoint = { readonly n: number } | { readonly at: string; readonly nth?: number }

/** Of `fixtures/preload/kill-at.mjs`. */
export type KillPlan = { readonly count: string } | (KillPoint & { readonly told: string })

/** A copy of the built program, say, that is not rebuilt meanwhile. */
const program = process.env.SKO_TEST_BIN ?? fileURLToPath(new URL('../../../bin/sko.js', import.meta.url))
const preload = fileURLToPath(new URL('../../../fixtures/preload/kill-at.mjs', import.meta.url))
const longestMs = 120_000

export interface TemplateInit extends Omit<FakeMissionInit, 'topology'> {
  readonly rules: readonly AgentRule[]
  /** Further lines of the configuration. */
  readonly config?: readonly string[]
}

export async function makeTemplate({ rules, config = [], ...init }: TemplateInit): Promise<Template> {
  const mission = await createFakeMission({ ...init, topology: 'lanes' })
  const folder = dirname(mission.repo)
  await fakeAgents(folder, rules)
  await mission.writeConfig(
    ['max_concurrent_wps: 2', 'agents:', '  implementation: [claude-code]', '  review: [codex]', ...config, ''].join(
      '\n',
    ),
  )
  return { folder, mission, dispose: () => mission.dispose() }
}

export async function copyOf({ folder: original, mission }: Template): Promise<CrashMission> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sko-crash-')))
  await cp(original, folder, { recursive: true })
  const moved = Object.entries(mission.env).map(([name, value]) => [name, value.replaceAll(original, folder)])
  return {
    folder,
    repo: join(folder, basename(mission.repo)),
    slug: mission.slug,
    env: {
      ...Object.fromEntries(moved),
      FAKE_AGENT_JOURNAL: join(folder, 'agents.ndjson'),
      FAKE_AGENT_SCRIPT: join(folder, 'agents.json'),
      FAKE_AGENT_WRITES: join(folder, 'writes.ndjson'),
    },
    dispose: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  }
}

/** `sko orchestrate` as long as no run is stored, `sko resume` then. */
export function nextCommand({ repo, slug }: CrashMission): readonly string[] {
  const stored = existsSync(join(repo, '.kittify', 'orchestrator-run-state.json'))
  return stored ? ['resume'] : ['orchestrate', '--mission', slug]
}

export function startProgram(mission: CrashMission, args: readonly string[], plan?: KillPlan) {
  const watched = plan ? { NODE_OPTIONS: `--import=${preload}`, SKO_KILL_AT: JSON.stringify(plan) } : {}
  return execa(process.execPath, [program, ...args], {
    cwd: mission.repo,
    env: { ...mission.env, ...watched },
    stdin: 'ignore',
    all: true,
    timeout: longestMs,
    killSignal: 'SIGKILL',
    reject: false,
  })
}

/** Until it ends by itself or at the point where it is to be killed. */
export async function runProgram(mission: CrashMission, killAt: KillPoint | null): Promise<Ended> {
  const told = join(mission.folder, 'killed-at')
  await rm(told, { force: true })
  const plan = killAt === null ? undefined : { ...killAt, told }
  const result = await startProgram(mission, nextCommand(mission), plan)
  const killedAt = existsSync(told) ? readFileSync(told, 'utf8').trim() : null
  return { exitCode: result.exitCode ?? null, output: result.all, killedAt }
}
