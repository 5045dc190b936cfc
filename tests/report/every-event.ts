import type { EventBody } from '../../src/report/event.ts'
import { agentId, finding, wp01 } from '../core/samples.ts'

type EventOf<Type extends EventBody['type']> = Extract<EventBody, { type: Type }>

const codex = agentId('codex')
const attempt = { wpId: wp01, role: 'implementation', agent: codex, attempt: 2 } as const
const log = '/logs/WP01/implementation-c1-a2'
const failure = { class: 'crashed', detail: 'ended by SIGSEGV' } as const
const usage = { inputTokens: 12_000, outputTokens: 300, costUsd: 0.42 }

/** One of each; a new event does not compile until it stands here. */
export const everyEvent: { readonly [Type in EventBody['type']]: EventOf<Type> } = {
  'run-started': {
    type: 'run-started',
    mission: '001-demo',
    workPackages: 5,
    maxConcurrent: 4,
    resumed: false,
    logs: '.kittify/logs/run-1',
  },
  looked: { type: 'looked', lanes: { planned: 1 }, ready: [wp01] },
  'lane-changed': { type: 'lane-changed', wpId: wp01, from: 'planned', to: 'in_progress' },
  'attempt-started': { type: 'attempt-started', ...attempt, cycle: 1, log, reviewerIsReadOnly: false },
  'attempt-ended': {
    type: 'attempt-ended',
    ...attempt,
    elapsedMs: 65_000,
    usage,
    failure: null,
    interrupted: false,
    log,
  },
  'work-committed': { type: 'work-committed', wpId: wp01, commit: '0123456789abcdef', message: 'WP01: attempt 2' },
  'subtasks-marked': { type: 'subtasks-marked', wpId: wp01, subtasks: ['T001', 'T002'] },
  'attempt-void': { type: 'attempt-void', wpId: wp01, agent: codex, attempt: 2, failure, log },
  verdict: {
    type: 'verdict',
    wpId: wp01,
    agent: codex,
    verdict: 'changes_requested',
    summary: 'Not yet.',
    findings: [finding],
    commit: '0123456789abcdef',
  },
  'reviewer-changed-tree': { type: 'reviewer-changed-tree', wpId: wp01, agent: codex, patch: '/logs/x.patch' },
  'agent-out': { type: 'agent-out', agent: codex, reason: 'auth: signed out', hint: 'sign in' },
  cooldown: { type: 'cooldown', agent: codex, until: '2026-01-01T13:00:00.000Z', reason: 'usage-limit: full' },
  'wp-waiting': { type: 'wp-waiting', wpId: wp01, until: '2026-01-01T13:00:00.000Z', reason: 'codex: usage-limit' },
  'host-refused': { type: 'host-refused', wpId: wp01, step: 'submit', message: 'TRANSITION_REJECTED: no' },
  'needs-person': { type: 'needs-person', wpId: wp01, reason: 'no agent left', log, next: 'sko retry WP01' },
  'orphans-reaped': { type: 'orphans-reaped', processes: 3 },
  warning: { type: 'warning', message: 'not merged', hint: 'look' },
  merged: { type: 'merged', targetBranch: 'work', strategy: 'merge' },
  accepted: { type: 'accepted' },
  stopping: { type: 'stopping', signal: 'SIGINT' },
  'run-finished': {
    type: 'run-finished',
    exitCode: 1,
    mission: '001-demo',
    workPackages: [
      {
        wpId: wp01,
        lane: 'blocked',
        implementers: [codex],
        reviewers: [],
        attempts: 3,
        cycles: 1,
        elapsedMs: 3_725_000,
        usage,
        branch: 'kitty/lane-a',
        reason: 'no agent left',
      },
    ],
    merged: false,
    accepted: false,
    elapsedMs: 4_000,
    next: ['sko retry WP01', 'sko resume'],
  },
}

export const stamp = { at: '2026-01-01T12:34:56.789Z', runId: 'run-1' }
