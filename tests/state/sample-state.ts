import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { isAgentId, isWpId } from '../../src/core/ids.ts'
import { unfinished } from '../../src/core/mission/finish-progress.ts'
import {
  type Attempt,
  newRecord,
  type ProcessIdentity,
  type WpRecord,
} from '../../src/core/work-package/work-package.ts'
import { identify } from '../../src/process/table/identity.ts'
import type { RunState } from '../../src/state/schema.ts'

/** A new, empty `.kittify` for every test. */
export function useKittify(): () => string {
  let parent = ''
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'sko state-'))
    mkdirSync(join(parent, '.kittify'))
  })
  afterEach(() => rmSync(parent, { recursive: true, force: true }))
  return () => join(parent, '.kittify')
}

export function thisProcess(): ProcessIdentity {
  const identity = identify(process.pid)
  if (identity === null) throw new Error('no identity')
  return identity
}

export function wp(text: string) {
  if (!isWpId(text)) throw new Error(text)
  return text
}

export function agent(text: string) {
  if (!isAgentId(text)) throw new Error(text)
  return text
}

const attempt: Attempt = {
  number: 1,
  role: 'implementation',
  cycle: 1,
  agent: agent('codex'),
  baseCommit: 'a'.repeat(40),
  startedAt: '2026-01-02T03:04:05.678Z',
  endedAt: '2026-01-02T03:14:05.678Z',
  process: { pid: 4711, startTime: '987654', bootId: 'b' },
  result: { kind: 'succeeded' },
  headCommit: 'b'.repeat(40),
  usage: { inputTokens: 10, outputTokens: null, costUsd: 0.25 },
  lastWords: 'Grüße, "done" \u0000 🎉 \ud800',
  sessionId: 'e1192583-0a4c-4b6e-9d0f-2f4f0a1b2c3d',
  resumedSession: null,
}

/** Every optional part is there at least once. */
export const fullRecord: WpRecord = {
  ...newRecord(wp('WP01')),
  cycle: 2,
  attempts: [
    attempt,
    { ...attempt, number: 2, role: 'review', result: { kind: 'interrupted' }, usage: null, lastWords: null },
    {
      ...attempt,
      number: 3,
      result: {
        kind: 'failed',
        failure: { class: 'usage-limit', detail: 'limit', resetAt: '2026-01-02T05:00:00Z' },
      },
    },
    { ...attempt, number: 4, result: { kind: 'failed', failure: { class: 'crashed', detail: 'SIGSEGV' } } },
    {
      ...attempt,
      number: 6,
      role: 'review',
      asked: ['places', 'what-blocks'],
      dilutions: [{ kind: 'test-skipped', file: 'a.test.ts', line: 3, excerpt: 'it.skip(1)' }],
    },
    { ...attempt, number: 5, endedAt: null, process: null, result: null, headCommit: null },
  ],
  cycleBase: 'c'.repeat(40),
  wpBase: 'd'.repeat(40),
  feedback: {
    kind: 'findings',
    reviewer: 'claude-code',
    summary: 'no',
    findings: [{ severity: 'high', file: 'a.ts', line: 12, problem: 'wrong', change: null }],
  },
  work: {
    agent: agent('codex'),
    baseCommit: 'a',
    headCommit: 'b',
    tree: 't',
    checks: [{ command: 'npm test', exitCode: null, output: 'stopped', log: '/l' }],
  },
  judgement: {
    verdict: {
      verdict: 'approved',
      summary: 'fine',
      findings: [{ severity: 'low', file: null, line: null, problem: 'name', change: 'rename' }],
      checks: [{ command: 'npm test', exitCode: 0, observed: 'passed' }],
      earlier: [{ number: 1, state: 'withdrawn', file: 'b.ts', line: 3, note: 'it was never wrong' }],
    },
    reviewer: agent('claude-code'),
    reference: 'review/WP01/2',
    commit: 'e'.repeat(40),
    shown: [{ base: 'd', head: 'e' }],
    dilutions: [{ kind: 'test-removed', file: 'a.test.ts', line: null, excerpt: '', answer: 'its code is gone' }],
    given: 'changes_requested',
    followUps: [{ severity: 'low', file: null, line: null, problem: 'name', change: 'rename' }],
    notBelieved: [{ severity: 'low', file: 'x.ts', line: 1, problem: 'made up', change: null }],
  },
  confirmed: { commit: 'f'.repeat(40), at: '2026-01-02T04:04:05.678Z', reason: 'seen' },
  earlierFindings: [{ severity: 'medium', file: 'b.ts', line: null, problem: 'p', change: 'c', raised: 2 }],
  lastReviewed: 'c'.repeat(40),
  followUps: [{ severity: 'low', file: 'c.ts', line: 4, problem: 'typo', change: null }],
  refusedTrees: [{ tree: 't', cycle: 1, by: 'review' }],
  hostRefusals: ['unchecked subtasks'],
  retriedAfterAttempt: 1,
  halt: { kind: 'blocked', reason: 'no more agents' },
  laneBranch: 'kitty/lane-a',
}

export const sampleState: RunState = {
  version: 3,
  runId: '20260102T030405-ab12',
  mission: '001-sample-01J',
  missionId: null,
  actor: 'spec-kitty-orchestrator',
  phase: 'running',
  startedAt: '2026-01-02T03:04:05.678Z',
  config: { max_concurrent_wps: 4, agents: { implementation: ['codex'] } },
  onlyWps: ['WP01', 'WP02'],
  host: { command: 'spec-kitty' },
  workPackages: {
    [wp('WP01')]: fullRecord,
    [wp('WP03')]: {
      ...newRecord(wp('WP03')),
      feedback: { kind: 'checks', results: [{ command: 'false', exitCode: 1, output: '', log: '/l' }] },
    },
    [wp('WP02')]: { ...newRecord(wp('WP02')), feedback: { kind: 'host-refusal', message: 'no' } },
  },
  cooldowns: {
    [`${agent('codex')}/gpt-5`]: {
      until: '2026-01-02T06:00:00Z',
      class: 'usage-limit' as const,
      reason: 'limit',
      count: 2,
      waitedMs: 7_200_000,
    },
    [agent('codex')]: {
      until: '2026-01-02T05:00:00Z',
      class: 'usage-limit' as const,
      reason: 'limit',
      count: 1,
      waitedMs: 0,
    },
  },
  activeMs: 1234,
  finish: unfinished,
  start: { commits: ['a'.repeat(40)], given: { WP09: null, WP10: 'b'.repeat(40) } },
  exitCode: null,
  end: null,
}
