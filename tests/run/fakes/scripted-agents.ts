import type { Failure, FailureClass } from '../../../src/core/agent/failure.ts'
import type { AgentId } from '../../../src/core/ids.ts'
import type { Verdict } from '../../../src/core/judgement/review.ts'
import type { Role, Usage } from '../../../src/core/work-package/work-package.ts'
import type { Agent, AgentReport, Capabilities } from '../../../src/run/attempts/agent.ts'
import type { AgentEnd, AttemptRequest } from '../../../src/run/ports.ts'

/** What one agent process does. */
export interface Action {
  readonly ms: number
  /** What becomes of the worktree: left dirty, committed, committed on another branch, or nothing. */
  readonly change: 'none' | 'dirty' | 'commit' | 'other-branch'
  readonly marksSubtasks: boolean
  readonly end: AgentEnd
  readonly report: AgentReport
  /** What its answer is worth, where it ends well and has left HEAD alone; none unless said. */
  readonly verdict?: Verdict['verdict']
  /** What the tree is afterwards, where it changes; one that never was before unless said. */
  readonly tree?: string
  /** Of a limit: it says that it ends so long from then. */
  readonly resetsInMs?: number
}

/** `index`: how many attempts of this role in this cycle ended before, interrupted ones not counted. */
export type Behaviour = (request: AttemptRequest, index: number) => Action

const usage: Usage = { inputTokens: 100, outputTokens: 10, costUsd: 0.01 }

const ended: AgentEnd = { kind: 'exited', code: 0 }

function said(text: string, structured: unknown = null): AgentReport {
  return { ok: true, text, structured, usage, sessionId: null }
}

export const implements_: Action = {
  ms: 60_000,
  change: 'commit',
  marksSubtasks: true,
  end: ended,
  report: said('done'),
}

export const changesNothing: Action = { ...implements_, change: 'none' }

const reviewing: Action = { ms: 30_000, change: 'none', marksSubtasks: false, end: ended, report: said('') }

const finding = { severity: 'medium', file: 'a.ts', line: 3, problem: 'it is wrong', change: 'make it right' } as const
const approval = { verdict: 'approved', summary: 'good', findings: [], checks: [] } as const
const rejection = { verdict: 'changes_requested', summary: 'not yet', findings: [finding], checks: [] } as const

export const approves: Action = { ...reviewing, report: said('', approval), verdict: 'approved' }
export const rejects: Action = rejectsFor(finding.problem)
export const writesProse: Action = { ...reviewing, report: said('APPROVED. LGTM, ship it.') }
export const approvesWithHigh: Action = {
  ...reviewing,
  report: said('', { ...approval, findings: [{ ...finding, severity: 'high' }] }),
}
export const saysBoth: Action = {
  ...reviewing,
  report: said(`${JSON.stringify(approval)}\n${JSON.stringify(rejection)}`),
}

/**
 * The answer, with what it says about the findings of the last review that the prompt lists: open if it raises them
 * again, otherwise fixed.
 */
export function withEarlier(report: AgentReport, prompt: string): AgentReport {
  const [, list] = /^## Findings of the last review\n([\s\S]*?)(?=^## )/m.exec(prompt) ?? []
  const known = [...(list?.matchAll(/^(\d+)\. \[\w+\] (.*)$/gm) ?? [])]
  if (!report.ok || known.length === 0) return report
  const answered = (verdict: Verdict): Verdict => ({
    earlier: known.map(([, number, words = '']) => ({
      number: Number(number),
      state: verdict.findings.some(({ problem }) => words.includes(problem)) ? 'open' : 'fixed',
      file: finding.file,
      line: finding.line,
      note: null,
    })),
    ...verdict,
  })
  const structured = report.structured === approval ? answered(approval) : report.structured
  const text = report.text.replace(/^\{"verdict".*\}$/gm, json => JSON.stringify(answered(JSON.parse(json))))
  return { ...report, text, structured }
}

/** The verdict that this answer is worth; null where it is none. */
export function trueVerdict(action: Action): Verdict['verdict'] | null {
  if (action.end.kind !== 'exited' || action.change === 'commit' || action.change === 'other-branch') return null
  return action.verdict ?? null
}

/** Two that name the same problem raise the same finding. */
export function rejectsFor(problem: string): Action {
  const verdict: Verdict = { ...rejection, findings: [{ ...finding, problem }] }
  return { ...reviewing, report: said(`Here it is:\n${JSON.stringify(verdict)}`), verdict: 'changes_requested' }
}

export function fails(failureClass: FailureClass, more: Partial<Action> = {}, resetAt?: string): Action {
  const failure: Failure = { class: failureClass, detail: 'as the test wants it', ...(resetAt ? { resetAt } : {}) }
  const end: AgentEnd = failureEnds[failureClass] ?? { kind: 'exited', code: 1 }
  const report: AgentReport = { ok: false, failure, text: 'it failed', usage: null, sessionId: null }
  return { ms: 20_000, change: 'none', marksSubtasks: false, end, report, ...more }
}

const failureEnds: Partial<Record<FailureClass, AgentEnd>> = {
  'timed-out': { kind: 'timed-out', seconds: 3600 },
  stalled: { kind: 'stalled', seconds: 900 },
  'output-limit': { kind: 'log-full', bytes: 2 ** 31 },
  crashed: { kind: 'signaled', signal: 'SIGSEGV' },
  'missing-binary': { kind: 'spawn-failed', reason: 'missing-program', message: 'ENOENT' },
}

const capabilities: Capabilities = {
  approvalMode: 'full_auto',
  sandboxMode: 'workspace_write',
  networkMode: 'none',
  dangerousFlags: [],
  toolRestrictions: null,
}

export function fakeAgent(id: AgentId, roles: readonly Role[] = ['implementation', 'review']): Agent {
  return {
    id,
    binaries: [id],
    promptVia: 'stdin',
    roles,
    reviewerIsReadOnly: false,
    reviewerRunsGit: true,
    reachesHost: true,
    resumes: false,
    cumulativeUsage: [],
    idleShare: 0.03,
    detection: { versionArgs: null, testedVersion: null, signIn: { env: [], files: [], statusArgs: null } },
    capabilities: () => capabilities,
    command: () => ({ args: [], env: {}, files: [], capabilities }),
    read: () => {
      throw new Error('the fake runAgent reports by itself')
    },
  }
}
