import { writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'
import { failureClasses } from '../../src/core/agent/failure.ts'
import { type LoggedEvent, runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

/** WP, agent, class of the failure, and what followed. */
type Row = readonly [wp: string, agent: string, failure: string, then: string]

/** Ten seconds on an idle machine. */
const patience = { timeout: 120_000 }
const recordings = join(import.meta.dirname, '../../fixtures/agents')
const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'

/** What every class of the failure table ends in, as a person at the terminal sees it. */
const expected: readonly Row[] = [
  ['WP01', 'claude-code', 'context-exceeded', 'the same agent again'],
  ['WP01', 'claude-code', 'max-turns', 'the same agent again'],
  ['WP01', 'claude-code', 'no-change', 'the same agent again'],
  ['WP01', 'claude-code', 'agent-error', 'the same agent again'],
  ['WP01', 'claude-code', 'crashed', 'the same agent again'],
  ['WP01', 'claude-code', 'checks-failed', 'the same agent again'],
  ['WP01', 'claude-code', 'host-rejected', 'the same agent again'],
  ['WP02', 'claude-code', 'refused', 'codex'],
  ['WP02', 'claude-code', 'no-verdict', 'the same agent again'],
  ['WP02', 'claude-code', 'no-verdict', 'a person'],
  ['WP03', 'silent', 'stalled', 'busy'],
  ['WP03', 'busy', 'timed-out', 'chatty'],
  ['WP03', 'chatty', 'output-limit', 'steady'],
  ['WP04', 'vanished', 'missing-binary', 'out, claude-code'],
  ['WP04', 'claude-code', 'bad-invocation', 'out, augment'],
  ['WP04', 'augment', 'auth', 'out, codex'],
  ['WP04', 'codex', 'billing', 'out, opencode'],
  ['WP04', 'opencode', 'usage-limit', 'cooldown, qwen'],
  ['WP04', 'qwen', 'rate-limit', 'cooldown, steady'],
  ['WP05', 'gemini', 'overloaded', 'cooldown, wait'],
  ['WP06', 'kilocode', 'network', 'cooldown, wait'],
]

it('each failure class once, by scripted agents: what is reported, what follows, where it ends', patience, async () => {
  const runs = await Promise.all([
    workingAgents(),
    stoppedAgents(),
    unusableAgents(),
    waiting('WP05', 'gemini', 'gemini', 'gemini/overloaded-503', 247),
    waiting('WP06', 'kilocode', 'kilo', 'kilocode/made-connection-reset', 1),
  ])

  expect(runs.flatMap(({ result }) => rowsOf(result.events()))).toEqual(expected)
  expect(new Set(expected.map(([, , failure]) => failure))).toEqual(new Set(failureClasses))
  const lanes = await Promise.all(runs.map(({ mission }) => lanesOf(mission)))
  expect(Object.assign({}, ...lanes)).toEqual({
    WP01: 'approved',
    WP02: 'blocked',
    WP03: 'approved',
    WP04: 'approved',
    WP05: 'in_progress',
    WP06: 'in_progress',
  })
  expect(runs.map(({ result }) => result.exitCode)).toEqual([1, 0, 0, 130, 130])
})

interface Run {
  readonly mission: Scenario
  readonly result: SkoResult
}

async function run(mission: Scenario, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  return {
    mission,
    result: await runSko(mission, ['orchestrate', '--mission', mission.slug], { env, timeoutMs: 110_000 }),
  }
}

/** Claude Code and Codex as fixtures/bin plays them, working and failing in all ways that are about the work. */
async function workingAgents(): Promise<Run> {
  const doing = ['context-exceeded', 'max-turns', 'no-change', 'fail', 'crash']
  const first = { wp: 'WP01', role: 'implementation' } as const
  const mission = await createScenario(
    { shape: { WP01: [], WP02: [] }, topology: 'lanes', subtasks: { WP01: ['T001'] } },
    [
      ...doing.map((action, index) => ({ ...first, attempt: index + 1, do: action, markSubtasks: false })),
      { ...first, attempt: 6, do: 'ok', write: 'src/half.txt', markSubtasks: false },
      { ...first, attempt: 7, do: 'ok', markSubtasks: false },
      { wp: 'WP02', role: 'implementation', agent: 'claude-code', do: 'refused' },
      { wp: 'WP02', role: 'review', do: 'prose', times: 0 },
    ],
  )
  await mission.writeConfig(`agents: {max_retries: 9, review: [claude-code]}
checks: ['test ! -e src/half.txt || test -e src/WP01.txt']
`)
  return run(mission)
}

/** One that is silent, one that never comes to an end and one that prints too much, all ended by us. */
async function stoppedAgents(): Promise<Run> {
  const mission = await createScenario({ shape: { WP03: [] }, topology: 'lanes' })
  const silent = await mission.script('silent', 'exec sleep 600')
  const busy = await mission.script('busy', 'while :; do echo .; sleep 0.1; done')
  const chatty = await mission.script('chatty', 'head -c 2000000 /dev/zero; exec sleep 600')
  await mission.writeConfig(`agents:
  implementation: [silent, busy, chatty, steady]
  review: [steady]
  max_retries: 0
  inactivity_seconds: 3
  max_log_mb: 1
  custom: {silent: {command: ['${silent}']}, busy: {command: ['${busy}']}, chatty: {command: ['${chatty}']}, steady: ${await steady(mission)}}
  settings: {busy: {timeout_seconds: 2}}
`)
  return run(mission)
}

/** Agents that cannot be used now, or at all, each in the words of a recording. */
async function unusableAgents(): Promise<Run> {
  const mission = await createScenario({ shape: { WP04: [] }, topology: 'lanes' })
  const vanished = mission.path('vanished')
  writeFileSync(vanished, '#!/nonexistent/interpreter\n', { mode: 0o755 })
  const spoken = [
    ['claude', 'claude-code/bad-flag', 1],
    ['auggie', 'augment/auth-401', 1],
    ['codex', 'codex/made-quota', 1],
    ['opencode', 'opencode/made-usage-limit', 1],
    ['qwen', 'qwen/rate-limit-429', 1],
  ] as const
  for (const [binary, recording, exitCode] of spoken) await replay(mission, binary, recording, exitCode)
  await mission.writeConfig(`agents:
  implementation: [vanished, claude-code, augment, codex, opencode, qwen, steady]
  review: [steady]
  custom: {vanished: {command: ['${vanished}']}, steady: ${await steady(mission)}}
limits: {on_usage_limit: switch}
`)
  return run(mission, besides(mission))
}

/** What passes by itself is waited for, a quarter of a minute at least: seen to wait, the run is stopped. */
async function waiting(wp: string, agent: string, binary: string, recording: string, exitCode: number): Promise<Run> {
  const mission = await createScenario({ shape: { [wp]: [] }, topology: 'lanes' })
  await replay(mission, binary, recording, exitCode)
  await mission.writeConfig(`agents: {implementation: [${agent}], review: [${agent}]}\n`)
  const args = ['orchestrate', '--mission', mission.slug]
  const sko = startSko(mission, args, { env: besides(mission), timeoutMs: 110_000 })
  await sko.waitForEvent(event => event.type === 'wp-waiting', 100_000)
  sko.kill('SIGINT')
  return { mission, result: await sko.exited }
}

async function replay(mission: Scenario, binary: string, recording: string, exitCode: number): Promise<void> {
  const of = (stream: string) => `'${join(recordings, recording, stream)}'`
  await mission.script(binary, `cat ${of('stdout')}; cat ${of('stderr')} >&2; exit ${exitCode}`)
}

function besides(mission: Scenario): Readonly<Record<string, string>> {
  return { PATH: `${mission.path('.')}${delimiter}${mission.env.PATH}` }
}

async function steady(mission: Scenario): Promise<string> {
  const text = `case $(head -c 11) in '# Implement') echo work >> src/$SKO_WP.txt;; *) echo '${approval}';; esac`
  return `{command: ['${await mission.script('steady', text)}'], review: true}`
}

/** Every attempt that failed, in the order of WPs and attempts, and what the events show to have followed. */
function rowsOf(events: readonly LoggedEvent[]): readonly Row[] {
  const starts = events.filter(event => event.type === 'attempt-started')
  const wps = [...new Set(starts.map(({ wpId }) => String(wpId)))].toSorted()
  return wps.flatMap(wp => {
    const own = starts.filter(({ wpId }) => wpId === wp)
    return own.flatMap((start, index): readonly Row[] => {
      const next = own[index + 1]
      const between = events.slice(events.indexOf(start), next ? events.indexOf(next) : events.length)
      const failure = failureIn(between.filter(({ wpId }) => wpId === wp))
      const agent = String(start.agent)
      const told = [...sharedOf(between, agent), next ? nameOf(next, agent) : endOf(between)]
      return failure === null ? [] : [[wp, agent, failure, told.join(', ')]]
    })
  })
}

function failureIn(events: readonly LoggedEvent[]): string | null {
  for (const { type, failure, exitCode, step } of events) {
    if ((type === 'attempt-ended' || type === 'attempt-void') && isFailure(failure)) return failure.class
    if (type === 'check-ended' && exitCode !== 0) return 'checks-failed'
    if (type === 'host-refused' && step === 'submit') return 'host-rejected'
  }
  return null
}

function isFailure(value: unknown): value is { readonly class: string } {
  return typeof value === 'object' && value !== null && 'class' in value
}

/** What all work packages learn of the agent. */
function sharedOf(events: readonly LoggedEvent[], agent: string): readonly string[] {
  const ofAgent = events.filter(event => event.agent === agent)
  return ofAgent.flatMap(({ type }) => (type === 'agent-out' ? ['out'] : type === 'cooldown' ? ['cooldown'] : []))
}

function nameOf(next: LoggedEvent, before: string): string {
  return next.agent === before ? 'the same agent again' : String(next.agent)
}

function endOf(events: readonly LoggedEvent[]): string {
  return events.some(({ type }) => type === 'wp-waiting') ? 'wait' : 'a person'
}
