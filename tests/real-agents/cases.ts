import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { builtInAgents } from '../../src/agents/registry.ts'
import type { FailureClass } from '../../src/core/agent/failure.ts'
import type { Verdict } from '../../src/core/judgement/review.ts'
import { ownUsage } from '../../src/core/work-package/session.ts'
import type { Agent } from '../../src/run/attempts/agent.ts'
import type { AttemptOutcome } from '../../src/run/ports.ts'
import { readVerdict } from '../../src/run/steps/verdict.ts'
import { attempt, record } from '../core/samples.ts'
import type { Bench, Plan, Ran } from './bench.ts'
import { tokens } from './mock/dialect.ts'
import type { Failing } from './mock/scenario.ts'
import type { CaseName, Rig } from './rig.ts'

/** What the table says of the case beside that it holds. */
type Case = (bench: Bench) => Promise<string | null>

export const cases: Readonly<Record<CaseName, Case>> = {
  'implementation commits': async bench => {
    const { rig, worktree, git } = bench
    const signal = join(worktree, 'background.signal')
    const work = rig.shell(
      `${inBackground(signal)} && echo work > work.txt && git add work.txt && git commit -qm 'Work'`,
    )
    const ran = await bench.run({
      role: 'implementation',
      scenario: [{ kind: 'call', call: work }, done],
    })
    expectSuccess(ran)
    expect(existsSync(signal), 'a process was left behind').toBe(true)
    expect(await git('log', '--format=%s')).toBe('Work\nBase')
    expect(await git('show', 'HEAD:work.txt')).toBe('work')
    expect(await git('status', '--porcelain')).toBe('')
    return null
  },

  'implementation leaves work uncommitted': async bench => {
    const { rig, worktree, git } = bench
    const signal = join(worktree, 'background.signal')
    const file = join(worktree, 'work.txt')
    const ran = await bench.run({
      role: 'implementation',
      scenario: [
        { kind: 'call', call: rig.shell(inBackground(signal)) },
        { kind: 'call', call: rig.write(file, 'work\n') },
        done,
      ],
    })
    expectSuccess(ran)
    expect(existsSync(signal), 'a process was left behind').toBe(true)
    expect((await readFile(file, 'utf8')).trim()).toBe('work')
    expect(await git('log', '--format=%s')).toBe('Base')
    expect(await git('status', '--porcelain')).toBe('?? work.txt')
    return null
  },

  'implementation resumes': async bench => {
    const { rig } = bench
    const scenario = [{ kind: 'call', call: rig.shell('echo the first conversation') }, done] as const
    const first = await bench.run({ role: 'implementation', scenario })
    expectSuccess(first)
    const { sessionId } = first.outcome.report
    if (sessionId === null) throw new Error('it names no session')
    const second = await bench.resume(sessionId)
    expect(second.outcome).toMatchObject({ end: { kind: 'exited', code: 0 }, report: { ok: true, sessionId } })
    // The model calls a tool when it has seen no result of one: it was shown the one of the first run.
    const shown = second.requests.map(({ toolResults }) => toolResults)
    expect(shown).toEqual([[expect.stringContaining('the first conversation')]])
    expectUsageOfItsOwn(rig, first, second)
    return null
  },

  'review approved': bench => review(bench, approved),
  'review rejected': bench => review(bench, rejected),

  'reviewer tries to write': async bench => {
    const { rig, worktree } = bench
    const before = await treeOf(bench)
    const ran = await bench.run({
      role: 'review',
      scenario: [
        { kind: 'call', call: rig.write(join(worktree, 'base.txt'), 'planted\n') },
        { kind: 'call', call: rig.write(join(worktree, 'planted.txt'), 'planted\n') },
        { kind: 'call', call: rig.shell('echo planted > planted.txt; git add planted.txt; git commit -qm Planted') },
        { kind: 'verdict', verdict: rejected },
        done,
      ],
    })
    expect(await treeOf(bench), 'the worktree, its index and its commits').toEqual(before)
    expect(Math.max(...ran.requests.map(request => request.toolResults.length)), 'refusals').toBeGreaterThanOrEqual(3)
    expect(ran.outcome.report.ok ? readVerdict(ran.outcome.report) : ran.outcome.report).toEqual({
      ok: true,
      verdict: rejected,
      answers: [],
    })
    return null
  },

  '429': bench => failure(bench, '429', { kind: 'status', status: 429 }, ['rate-limit', 'usage-limit']),
  '401': bench => failure(bench, '401', { kind: 'status', status: 401 }, ['auth']),
  '500': bench => failure(bench, '500', { kind: 'status', status: 500 }, ['overloaded', 'network']),
  'reply cut off': bench =>
    failure(bench, 'reply cut off', { kind: 'cut-off' }, ['network', 'overloaded', 'agent-error']),

  'server never answers': async bench => {
    const { rig } = bench
    const reason = rig.endedByOurLimit?.['server never answers']
    const { outcome } = await untilShown(rig.inactivitySeconds ?? 6, async seconds => {
      const ran = await bench.run({
        role: 'implementation',
        scenario: [{ kind: 'silence' }],
        inactivitySeconds: seconds,
        waits: ({ requests }) => requests.length > 0,
        ...(reason ? { timeoutSeconds: seconds * 2 } : {}),
      })
      return ran.requests.length > 0 ? ran : null
    })
    expect(reason ? ['stalled', 'timed-out'] : ['stalled']).toContain(outcome.end.kind)
    expect(outcome.report.ok).toBe(false)
    return reason ? `${outcome.end.kind} (${reason})` : 'stalled'
  },

  'stopped during a tool': async bench => {
    const signal = join(bench.worktree, 'tool.signal')
    const namesSession = agentOf(bench.rig).resumes && !bench.rig.namesSessionLast
    const { outcome } = await bench.run({
      ...endlessTool(bench, signal),
      // Its first record may come after the tool has begun (opencode), and a stop before it leaves no session.
      waits: soFar => existsSync(signal) && (!namesSession || soFar.sessionId() !== null),
      stop: true,
    })
    expect(existsSync(signal), 'the tool ran').toBe(true)
    expect(outcome.end.kind).toBe('aborted')
    expect(outcome.report.ok).toBe(false)
    if (namesSession) expect(outcome.report.sessionId, 'session to go on with').not.toBeNull()
    return null
  },

  'timed out during a tool': async bench => {
    const signal = join(bench.worktree, 'tool.signal')
    const { outcome } = await untilShown(6, async timeoutSeconds => {
      const ran = await bench.run({ ...endlessTool(bench, signal), timeoutSeconds })
      return existsSync(signal) ? ran : null
    })
    expect(outcome.end.kind).toBe('timed-out')
    expect(outcome.report.ok).toBe(false)
    return 'timed-out'
  },
}

const done = { kind: 'say', text: 'Done: the work is there.' } as const

const approved: Verdict = {
  verdict: 'approved',
  summary: 'It does what it should.',
  findings: [],
  checks: [],
  earlier: [],
}

const rejected: Verdict = {
  verdict: 'changes_requested',
  summary: 'One case is missing.',
  findings: [{ severity: 'high', file: 'base.txt', line: 1, problem: 'It is empty-handed.', change: 'Fill it.' }],
  checks: [{ command: 'cat base.txt', exitCode: 0, observed: 'base' }],
  earlier: [],
}

/** Leaves a process behind, in a session of its own, and continues when that runs. */
function inBackground(signal: string): string {
  const left = `setsid sh -c 'echo > ${signal}; exec sleep 300' >/dev/null 2>&1 </dev/null &`
  return `{ ${left} } && until test -e ${signal}; do :; done`
}

function endlessTool({ rig }: Bench, signal: string): Plan {
  return {
    role: 'implementation',
    scenario: [{ kind: 'call', call: rig.shell(`echo > ${signal}; tail -f /dev/null`) }, done],
    waits: () => existsSync(signal),
  }
}

function expectSuccess({ outcome: { end, report }, requests }: Ran): void {
  expect(end).toEqual({ kind: 'exited', code: 0 })
  expect(report).toMatchObject({ ok: true, text: expect.stringContaining(done.text) })
  if (report.usage?.inputTokens !== null && report.usage !== null) {
    expect(report.usage.inputTokens, 'tokens of all requests').toBe(tokens.input * requests.length)
  }
}

/** A session is the sum of its runs: what the second one reports, the first one's taken off where it is in it. */
function expectUsageOfItsOwn(rig: Rig, first: Ran, second: Ran): void {
  const { sessionId, usage } = first.outcome.report
  const before = record({ attempts: [attempt(1, { sessionId, usage })] })
  const own = ownUsage(second.outcome.report.usage, sessionId, before, agentOf(rig).cumulativeUsage)
  const share = second.requests.length / first.requests.length
  const expected = (total: number | null | undefined) => (total ? expect.closeTo(total * share, 9) : (total ?? null))
  expect(own ?? { inputTokens: null, outputTokens: null, costUsd: null }).toEqual({
    inputTokens: expected(usage?.inputTokens),
    outputTokens: expected(usage?.outputTokens),
    costUsd: expected(usage?.costUsd),
  })
}

function agentOf({ agent }: Rig): Agent {
  const found = builtInAgents.find(({ id }) => id === agent)
  if (!found) throw new Error(`no agent ${agent}`)
  return found
}

async function review(bench: Bench, verdict: Verdict): Promise<null> {
  const before = await treeOf(bench)
  const { outcome } = await bench.run({ role: 'review', scenario: [{ kind: 'verdict', verdict }, done] })
  expect(outcome.end).toEqual({ kind: 'exited', code: 0 })
  expect(outcome.report.ok ? readVerdict(outcome.report) : outcome.report).toEqual({
    ok: true,
    verdict,
    answers: [],
  })
  expect(await treeOf(bench)).toEqual(before)
  return null
}

async function failure(
  bench: Bench,
  name: CaseName,
  step: Failing,
  expected: readonly FailureClass[],
): Promise<string> {
  const reason = bench.rig.endedByOurLimit?.[name]
  const limits = reason ? { timeoutSeconds: 30, inactivitySeconds: bench.rig.inactivitySeconds ?? 6 } : {}
  const { outcome, requests } = await bench.run({
    role: 'implementation',
    scenario: [step],
    // Between two tries it does nothing.
    waits: ({ requests }) => requests.length > 1,
    ...limits,
  })
  expect(requests.length, 'requests').toBeGreaterThan(0)
  expect(outcome.report.ok).toBe(false)
  const shown = classOf(outcome)
  expect(reason ? ['stalled', 'timed-out'] : expected).toContain(shown)
  return reason ? `${shown} (${reason})` : shown
}

/** As run/attempts/attempt.ts sees it: how it ended comes before what it said. */
function classOf({ end, report }: AttemptOutcome): string {
  if (end.kind !== 'exited') return end.kind
  return report.ok ? 'succeeded' : report.failure.class
}

/** Measured: on two cores with 27 running processes opencode needs over a minute until its tool runs. */
const growing = [1, 3, 9, 27, 60]

/** What shows only when a limit is longer than the CLI's start is tried with a longer one each time. */
async function untilShown(seconds: number, attempt: (seconds: number) => Promise<Ran | null>): Promise<Ran> {
  for (const factor of growing) {
    const ran = await attempt(seconds * factor)
    if (ran) return ran
  }
  throw new Error(`the CLI did not get that far in ${seconds * (growing.at(-1) ?? 0)} s`)
}

async function treeOf({ git }: Bench) {
  return {
    head: await git('log', '--all', '--format=%H'),
    index: await git('ls-files', '--stage'),
    tree: await git('status', '--porcelain', '--ignored', '--untracked-files=all'),
  }
}
