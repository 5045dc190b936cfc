import { existsSync, readFileSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject, onTestFinished } from 'vitest'
import { z } from 'zod'
import { patienceMs } from '../../patience.ts'
import { createFakeMission, type FakeMission, type FakeMissionInit } from './fake-mission.ts'
import { expectNothingLeft } from './leaks.ts'

/** A rule of `fixtures/bin/fake-agent.mjs`, which says what each field does. */
export interface AgentRule {
  readonly agent?: 'claude-code' | 'codex' | 'scripted-agent'
  readonly role?: 'implementation' | 'review'
  readonly wp?: string
  readonly attempt?: number
  readonly do: string
  readonly times?: number
  readonly file?: string
  readonly write?: string
  readonly next?: string
  readonly findings?: readonly unknown[]
  /** What it says about the findings of the last review; unless given, all are fixed that it does not raise again. */
  readonly earlier?: readonly unknown[]
  readonly summary?: string
  readonly markSubtasks?: boolean
  readonly resets?: string
  readonly seconds?: number
  readonly mb?: number
}

const agentStart = z.object({
  agent: z.string(),
  role: z.string(),
  wp: z.string().nullable(),
  attempt: z.number(),
  session: z.string().nullable(),
  pid: z.number(),
  cwd: z.string(),
  argv: z.array(z.string()),
  do: z.string(),
})

export type AgentStart = z.infer<typeof agentStart>

/** Steers the fakes of `fixtures/bin` and tells what they did. */
export interface FakeAgents {
  /** For every process of the test. */
  readonly agentEnv: Readonly<Record<string, string>>
  /** What agents do that start from now on; without a rule they do their work. */
  setAgents(rules: readonly AgentRule[]): Promise<void>
  /** Starts of the fake agents, in order. */
  starts(): readonly AgentStart[]
  /** Waits until such an agent runs. */
  waitForStart(wanted: Partial<AgentStart>): Promise<AgentStart>
}

/** A mission with fake agents. At the end of the test it is taken away, and nothing may be left running. */
export interface Scenario extends FakeMission, FakeAgents {
  /** A place beside the repository. */
  path(name: string): string
  /** An executable shell script beside the repository. */
  script(name: string, text: string): Promise<string>
}

export async function createScenario(init: FakeMissionInit, rules: readonly AgentRule[] = []): Promise<Scenario> {
  const mission = await createFakeMission(init)
  const path = (name: string) => join(dirname(mission.repo), name)
  const agents = await fakeAgents(path('.'), rules)
  const port = inject('fakeHostPort')
  const scenario: Scenario = {
    ...mission,
    ...agents,
    env: { ...mission.env, ...agents.agentEnv, ...(port === undefined ? {} : { FAKE_HOST_PORT: port }) },
    path,
    async script(name, text) {
      await writeFile(path(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
      return path(name)
    },
  }
  onTestFinished(async () => {
    await expectNothingLeft(scenario)
    await mission.dispose()
  })
  return scenario
}

/** Keeps their journal and their script in `folder`. */
export async function fakeAgents(folder: string, rules: readonly AgentRule[]): Promise<FakeAgents> {
  const journal = join(folder, 'agents.ndjson')
  const script = join(folder, 'agents.json')
  const setAgents = async (next: readonly AgentRule[]) => {
    const files = await readdir(folder)
    // Which rules of the last script are used up.
    const marks = files.filter(name => name.startsWith('agents.json.used-'))
    await Promise.all(marks.map(name => rm(join(folder, name))))
    await writeFile(script, JSON.stringify(next))
  }
  const starts = () => linesOf(journal).map(line => agentStart.parse(JSON.parse(line)))
  await setAgents(rules)
  return {
    agentEnv: { FAKE_AGENT_JOURNAL: journal, FAKE_AGENT_SCRIPT: script },
    setAgents,
    starts,
    waitForStart: wanted =>
      until(`an agent with ${JSON.stringify(wanted)}`, () =>
        starts().find(start =>
          Object.entries(wanted).every(([key, value]) =>
            Object.entries(start).some(([k, v]) => k === key && v === value),
          ),
        ),
      ),
  }
}

type Missing = undefined | null | false

/** Looks again and again; the deadline only ends a test that has failed. */
export async function until<T>(
  what: string,
  look: () => T | Missing | Promise<T | Missing>,
  waitMs = patienceMs,
): Promise<T> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await sleep(20)
  }
}

/** Zombies do not count: in a container orphans are not reaped. */
export function isAlive(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
}

/** Whole lines of a file that may not be there yet. */
export function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}

/** Moves of the WPs as the host recorded them, e.g. `WP01 in_review -> done`. */
export async function movesOf(mission: FakeMission): Promise<readonly string[]> {
  const { events } = await mission.state()
  return events.flatMap(event => (event.to_lane ? [`${event.wp_id} ${event.from_lane} -> ${event.to_lane}`] : []))
}

export async function lanesOf(mission: FakeMission): Promise<Readonly<Record<string, string>>> {
  const { wps } = await mission.state()
  return Object.fromEntries(Object.entries(wps).map(([id, wp]) => [id, wp.lane]))
}

/** Folder of the attempts' logs of a WP: `<role>-c<cycle>-a<attempt>.out.log` and so on. */
export function logsOf(mission: FakeMission, runId: string, wpId: string): string {
  return join(mission.repo, '.kittify', 'logs', runId, wpId)
}
