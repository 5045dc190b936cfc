import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import * as z from 'zod'
import type { Verdict } from '../../src/core/judgement/review.ts'
import { type SkoResult, startSko } from '../cli/support/run-sko.ts'
import { programs } from '../real-agents/bench.ts'
import { tokens } from '../real-agents/mock/dialect.ts'
import { type ModelRun, startModelServer } from '../real-agents/mock/model-server.ts'
import type { Scenario } from '../real-agents/mock/scenario.ts'
import { expectNothingLeft } from '../real-agents/nothing-left.ts'
import { rig as claude } from '../real-agents/rigs/claude-code.ts'
import { rig as codex } from '../real-agents/rigs/codex.ts'
import { type RealScenario, realScenario } from './support/scenario.ts'
import { movesOf } from './support/straight.ts'

const verdictEvent = z.object({
  wpId: z.string(),
  agent: z.string(),
  verdict: z.string(),
  summary: z.string(),
  findings: z.array(z.unknown()),
})
const finishedEvent = z.object({ workPackages: z.array(z.object({ wpId: z.string(), branch: z.string().nullable() })) })

const wrongLine = 'Something else'
const problem = 'The line is not the one that was asked for'
const rejected: Verdict = {
  verdict: 'changes_requested',
  summary: 'One line is wrong.',
  findings: [{ severity: 'high', file: 'src/part01.txt', line: 1, problem, change: null }],
  checks: [],
  earlier: [],
}
const approved: Verdict = { verdict: 'approved', summary: 'It is as asked.', findings: [], checks: [], earlier: [] }
const fixed = { number: 1, state: 'fixed', file: 'src/part01.txt', line: 1, note: null } as const

/**
 * Gets the first part wrong until a review says so, and leaves a process behind. Rework continues the session of the
 * work: a turn is counted by the tool results of the whole conversation, so its first one is the second there.
 */
function implementer(asked: string): Scenario {
  const part = asked.includes('# Implement WP01') ? 1 : 2
  const line = part === 2 || asked.includes(problem) ? `Part ${part}` : wrongLine
  const work = `mkdir -p src && echo '${line}' > src/part0${part}.txt && git add src && git commit -qm 'WP0${part}: write'`
  const left = 'setsid sleep 300 >/dev/null 2>&1 </dev/null &'
  const call = { kind: 'call', call: claude.shell(`{ ${left} } && ${work}`) } as const
  const isRework = asked.includes(problem)
  return [...(isRework ? [call] : []), call, { kind: 'say', text: 'Done.' }]
}

function verdictOn(asked: string): Verdict {
  if (asked.includes(`+${wrongLine}`)) return rejected
  return asked.includes('## Findings of the last review') ? { ...approved, earlier: [fixed] } : approved
}

/** Judges by what it sees in the commit. */
function reviewer(asked: string): Scenario {
  return [
    { kind: 'call', call: codex.shell('git show HEAD') },
    { kind: 'verdict', verdict: verdictOn(asked) },
  ]
}

it('Claude Code implements and Codex reviews, both real, until the mission is approved', async () => {
  expect(existsSync(programs), 'no agent CLIs: run node scripts/agent-clis.mjs').toBe(true)
  const server = await startModelServer()
  onTestFinished(() => server.close())
  const models = [server.begin(claude.dialect, implementer), server.begin(codex.dialect, reviewer)] as const
  const scenario = await realScenario({
    shape: 'pair',
    topology: 'lanes',
    subtasks: [0, 0],
    agents: 'claude-and-codex',
    config: await configFor(models),
  })
  const PATH = [programs, scenario.env.PATH].join(delimiter)

  const args = ['orchestrate', '--mission', scenario.mission]
  const result = await startSko(scenario, args, { env: { PATH } }).exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  const rework = ['in_progress: changes_requested', 'for_review', 'in_review']
  const toReview = ['claimed', 'in_progress', 'for_review', 'in_review']
  expect(story(scenario, 'WP01')).toEqual([...toReview, ...rework, 'approved: approved'])
  expect(story(scenario, 'WP02')).toEqual([...toReview, 'approved: approved'])

  const { finished, verdicts } = reportOf(result)
  expect(verdicts).toEqual([
    { wpId: 'WP01', agent: 'codex', ...told(rejected) },
    { wpId: 'WP01', agent: 'codex', ...told(approved) },
    { wpId: 'WP02', agent: 'codex', ...told(approved) },
  ])
  // Codex asks its model for JSON by our schema.
  const [implementing, reviewing] = models
  expect(reviewing.requests.filter(request => !request.wantsJson)).toEqual([])
  // The model that implements writes the right line only when it reads the finding.
  const branch = finished.workPackages.find(({ wpId }) => wpId === 'WP01')?.branch
  expect(await scenario.git('show', `${branch}:src/part01.txt`)).toBe('Part 1')
  expect([implementing.requests.length, reviewing.requests.length]).toEqual([6, 6])
  // Its rework went on in the session of the work: the last request also holds what the first attempt's tool had said.
  expect(Math.max(...implementing.requests.map(({ toolResults }) => toolResults.length))).toBe(2)

  const perRequest = tokens.input + tokens.output
  // Codex tells no dollars.
  for (const [wpId, attempts, untold] of [
    ['WP01', 4, '2 attempts'],
    ['WP02', 2, '1 attempt'],
  ] as const) {
    const row = `^${wpId} +approved +claude-code +codex +${attempts} .* ${attempts * 2 * perRequest} tokens, \\$\\d+\\.\\d\\d, ${untold} of unknown cost$`
    expect(result.stdout).toMatch(new RegExp(row, 'm'))
  }
  for (const runId of new Set(result.events().map(event => event.runId))) await expectNothingLeft(runId, scenario.repo)
})

/** What the log says of verdicts, by WP, and of the end. */
function reportOf(result: SkoResult) {
  const events = result.events()
  const verdicts = events.filter(({ type }) => type === 'verdict').map(event => verdictEvent.parse(event))
  const finished = finishedEvent.parse(events.find(({ type }) => type === 'run-finished'))
  return { finished, verdicts: verdicts.toSorted((a, b) => a.wpId.localeCompare(b.wpId)) }
}

function told({ verdict, summary, findings }: Verdict) {
  return { verdict, summary, findings }
}

/** `.kittify/orchestrator.yaml`: each CLI with a private home folder and its own model; other tests accept missions. */
async function configFor(models: readonly ModelRun[]): Promise<string> {
  const settings = await Promise.all(
    [claude, codex].map(async (rig, index) => {
      const home = await mkdtemp(join(tmpdir(), `sko-e2e-${rig.agent}-`))
      onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
      const { env, settings } = await rig.prepare(home, models[index]?.baseUrl ?? '')
      return [rig.agent, { ...settings, env: { ...env, ...settings?.env } }] as const
    }),
  )
  return stringify({ agents: { settings: Object.fromEntries(settings) }, finish: { accept: false } })
}

function story(scenario: RealScenario, wpId: string): readonly string[] {
  return movesOf(scenario).flatMap(({ wp_id, to_lane, review_result }) =>
    wp_id === wpId ? [review_result ? `${to_lane}: ${review_result.verdict}` : to_lane] : [],
  )
}
