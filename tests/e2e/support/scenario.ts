import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, onTestFinished } from 'vitest'
import { attestationsRef } from '../../../src/core/record/stored.ts'
import { expectNothingLeft } from '../../cli/support/leaks.ts'
import { type RunningSko, type SkoPlace, type SkoResult, startSko } from '../../cli/support/run-sko.ts'
import { type AgentRule, type FakeAgents, fakeAgents, linesOf } from '../../cli/support/scenario.ts'
import { type RealMission, type RealMissionOptions, realMission } from './real-mission.ts'

export interface RealScenarioOptions extends RealMissionOptions {
  /** `claude-and-codex`: no configuration at all, so the first implements and the second reviews. */
  readonly agents?: 'scripted' | 'claude-and-codex'
  /** More of `.kittify/orchestrator.yaml`, beside the agents. */
  readonly config?: string
  readonly rules?: readonly AgentRule[]
}

/** A planned mission of the real host, with fake agents. */
export interface RealScenario extends RealMission, FakeAgents, SkoPlace {
  start(...args: readonly string[]): RunningSko
  /** Standard output, without the line feed at its end. */
  git(...args: readonly string[]): Promise<string>
  /** Writes `.kittify/orchestrator.yaml`; the scripted agent stays who it was. */
  configure(more: string): Promise<void>
  /**
   * The host's programs that were started so far, as `transition WP01 for_review` or `mark-status`: by sko, by agents
   * and, as `merge-driver-event-log`, by the host's own git.
   */
  hostCalls(): readonly string[]
}

const fixtures = fileURLToPath(new URL('../../../fixtures/bin', import.meta.url))

const scripted =
  'agents: {implementation: [scripted], review: [scripted], custom: {scripted: {command: [scripted-agent], review: true}}}\n'

export async function realScenario(options: RealScenarioOptions): Promise<RealScenario> {
  const mission = await realMission(options)
  const { repo, host } = mission
  const folder = await mkdtemp(join(tmpdir(), 'sko-e2e-bin-'))
  const journal = join(folder, 'host.log')
  await writeFile(join(folder, 'spec-kitty'), loggingHost(host, journal))
  await chmod(join(folder, 'spec-kitty'), 0o755)
  const agents = await fakeAgents(folder, options.rules ?? [])
  const configure = (more: string) =>
    writeFile(
      join(repo, '.kittify', 'orchestrator.yaml'),
      options.agents === 'claude-and-codex' ? more : `${scripted}${more}`,
    )
  await configure(options.config ?? '')
  const hostCalls = () => (existsSync(journal) ? linesOf(journal) : [])
  const place: SkoPlace = {
    repo,
    env: {
      ...agents.agentEnv,
      GIT_CONFIG_NOSYSTEM: '1',
      PATH: [folder, fixtures, process.env.PATH].join(delimiter),
      SKO_REPO: repo,
    },
    journal: async () => hostCalls().map((command, n) => ({ n, command, wp: null, exit: null, code: null })),
  }
  onTestFinished(async () => {
    await expectNothingLeft({ repo })
    await expectVerified(place)
    await rm(folder, { recursive: true, force: true })
  })
  return {
    ...mission,
    ...agents,
    ...place,
    configure,
    hostCalls,
    git: async (...args) => (await execa('git', args, { cwd: repo, env: place.env })).stdout,
    start: (...args) => startSko(place, args),
  }
}

/** What a run has merged is covered, as git and its record say it. */
async function expectVerified(place: SkoPlace): Promise<void> {
  const ref = await execa('git', ['rev-parse', '--verify', '--quiet', attestationsRef], {
    cwd: place.repo,
    reject: false,
  })
  if (ref.exitCode !== 0) return
  const { exitCode, stdout, stderr } = await startSko(place, ['verify', 'work']).exited
  expect([exitCode, exitCode === 0 ? '' : stdout + stderr]).toEqual([0, ''])
}

/** Starts the new run of the mission and waits for its end. */
export function orchestrated(scenario: RealScenario, ...flags: readonly string[]): Promise<SkoResult> {
  return scenario.start('orchestrate', '--mission', scenario.mission, ...flags).exited
}

/** The real host, first on every PATH, with a line in the journal for each start. */
function loggingHost(host: string, journal: string): string {
  return `#!/bin/sh
case "$1" in
  orchestrator-api) line="$2" ;;
  agent) line="$3" ;;
  *) line="$1" ;;
esac
for argument; do
  case "$wanted" in --wp | --to) line="$line $argument" ;; esac
  wanted="$argument"
done
printf '%s\\n' "$line" >>'${journal}'
exec '${host}' "$@"
`
}
