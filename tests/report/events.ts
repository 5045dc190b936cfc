import { type AgentId, isAgentId, isWpId, type WpId } from '../../src/core/ids.ts'
import type { NextCommand } from '../../src/core/next-command.ts'
import type { Event, EventBody } from '../../src/run/events/event.ts'

function wp(text: string): WpId {
  if (!isWpId(text)) throw new Error(text)
  return text
}

function agent(text: string): AgentId {
  if (!isAgentId(text)) throw new Error(text)
  return text
}

const wpId = wp('WP02')
const claude = agent('claude-code')
const log = '/repo/.kittify/logs/r/WP02/implementation-c1-a1'
const failure = { class: 'timed-out', detail: 'stopped after 3600 s' } as const
const usage = { inputTokens: 12_000, outputTokens: 300, costUsd: 0.42 }

function nextIs(...commands: readonly string[]): readonly NextCommand[] {
  return commands.map(command => ({ command, why: 'a reason' }))
}

/** One event of each type: a new type does not compile until it stands here. */
export const oneOfEach: { readonly [T in EventBody['type']]: Extract<EventBody, { type: T }> } = {
  'run-started': {
    type: 'run-started',
    mission: 'demo',
    workPackages: 4,
    maxConcurrent: 2,
    resumed: false,
    logs: '/l',
  },
  looked: { type: 'looked', lanes: { planned: 3, done: 1 }, ready: [wpId] },
  'lane-changed': { type: 'lane-changed', wpId, from: 'planned', to: 'in_progress' },
  'attempt-started': {
    ...{ type: 'attempt-started', wpId, role: 'review', agent: claude, attempt: 2, cycle: 1, log },
    reviewerIsReadOnly: false,
  },
  'attempt-adopted': {
    ...{ type: 'attempt-adopted', wpId, role: 'implementation', agent: claude, attempt: 1, cycle: 1, log },
    startedAt: '2026-11-21T10:00:00.000Z',
    running: true,
  },
  'attempt-ended': {
    ...{
      type: 'attempt-ended',
      wpId,
      role: 'implementation',
      agent: claude,
      attempt: 1,
      elapsedMs: 61_000,
      usage,
      log,
    },
    failure,
    interrupted: false,
  },
  'attempt-void': {
    ...{ type: 'attempt-void', wpId, agent: claude, attempt: 2, log },
    failure: { class: 'no-verdict', detail: 'prose' },
  },
  'host-strategy-not-used': { type: 'host-strategy-not-used', reason: 'merge.strategy: found 7', strategy: 'merge' },
  'own-files-in-git': { type: 'own-files-in-git', reason: null, next: nextIs("git rm --cached -- '.kittify/logs'") },
  'host-call': {
    ...{ type: 'host-call', command: 'transition', wpId, mutates: true, ok: true, milliseconds: 212, warm: true },
    startedAt: '2026-11-21T10:00:00.000Z',
  },
  'wp-model-not-used': {
    ...{ type: 'wp-model-not-used', wpId, agent: claude, role: 'implementation', model: 'gpt-5' },
    reason: 'claude-code has no model of this name',
  },
  'wp-field-not-used': { type: 'wp-field-not-used', wpId, field: 'agent_profile', value: 'implementer-ivan' },
  'host-agents-not-used': { type: 'host-agents-not-used', reason: 'sko has no agent for windsurf' },
  'model-swapped': {
    ...{ type: 'model-swapped', wpId, agent: claude, role: 'review', attempt: 2 },
    ...{ asked: 'opus', before: null, answered: 'claude-sonnet-4-5' },
  },
  'host-cold': { type: 'host-cold', cause: 'call-died', detail: 'SIGABRT' },
  'mission-incomplete': { type: 'mission-incomplete', fields: ['slug', 'created_at'], next: nextIs('node -e x') },
  'main-checkout-changed': {
    ...{ type: 'main-checkout-changed', wpId, role: 'implementation', agent: claude, attempt: 1, main: '/repo' },
    ...{ files: ['src/a.txt'], refs: ['refs/tags/v1'], alone: true, kept: 'refs/sko/kept/r/main/1' },
  },
  'main-checkout-kept': { type: 'main-checkout-kept', ref: 'refs/sko/kept/r/main/1', why: 'the merge drops it' },
  'taken-as-given': { type: 'taken-as-given', wpIds: [wpId] },
  'approved-by-others': {
    type: 'approved-by-others',
    wpId,
    lane: 'approved',
    next: nextIs('sko confirm WP02 --commit 0123'),
  },
  uncovered: {
    type: 'uncovered',
    merged: false,
    commits: [{ commit: '0123456789abcdef', files: ['a', 'b', 'c', 'd'], branch: 'kitty/lane-a', wpIds: [wpId] }],
  },
  'combined-check': {
    ...{ type: 'combined-check', lanes: ['kitty/lane-a', 'kitty/lane-b'], target: 'work', state: 'failed' },
    ...{ tree: '0123', again: false, command: 'npm test', exitCode: 1, log: '/l/combined/0123.check-1.log' },
  },
  'sent-back': {
    ...{ type: 'sent-back', wpId, cycle: 2, conflicts: [], command: 'npm test', log: '/l/combined/0123.check-1.log' },
    others: [
      { commit: '0123456789abcdef', branch: 'kitty/lane-a', wpIds: [wpId] },
      { commit: 'fedcba9876543210', branch: 'work', wpIds: [] },
    ],
  },
  'conflict-foretold': {
    ...{ type: 'conflict-foretold', files: ['a.ts'] },
    approved: { commit: '0123456789abcdef', branch: 'kitty/lane-a', wpIds: [wpId] },
    other: { commit: 'fedcba9876543210', branch: 'the target', wpIds: [] },
  },
  'combined-unchecked': { type: 'combined-unchecked', reason: 'git merge-tree: usage' },
  'combined-differs': { type: 'combined-differs', targetBranch: 'work', files: ['a', 'b', 'c', 'd'] },
  'merged-by-others': { type: 'merged-by-others', targetBranch: 'work' },
  confirmed: { type: 'confirmed', wpId, commit: '0123456789abcdef', reason: 'seen' },
  pushed: { type: 'pushed', targetBranch: 'work', remote: 'origin', commit: '0123456789abcdef' },
  'not-pushed': {
    ...{ type: 'not-pushed', targetBranch: 'work', remote: 'origin', reason: 'refused' },
    next: nextIs('git push origin work'),
  },
  recorded: {
    ...{ type: 'recorded', ref: 'refs/sko/attestations', commit: '0123456789abcdef', path: 'demo/0123.json' },
    ...{ file: '/repo/.kittify/logs/r/review-record.json', signers: [], unsigned: 'its key needs a passphrase' },
    next: nextIs('sko resume'),
  },
  'not-recorded': {
    ...{ type: 'not-recorded', commit: '0123456789abcdef', reason: 'git update-ref failed' },
    next: nextIs('sko resume'),
  },
  'record-pushed': {
    ...{ type: 'record-pushed', ref: 'refs/sko/attestations', remote: 'origin', commit: '0123456789abcdef' },
  },
  'record-not-pushed': {
    ...{ type: 'record-not-pushed', ref: 'refs/sko/attestations', remote: 'origin', reason: 'refused' },
    next: nextIs('git push origin refs/sko/attestations'),
  },
  retried: { type: 'retried', wpId, reason: 'looked at it' },
  skipped: { type: 'skipped', wpId, reason: null, branch: 'kitty/lane-a' },
  'request-refused': { type: 'request-refused', request: 'skip', wpId, reason: 'the host refused it' },
  'owner-stopped': { type: 'owner-stopped', pid: 42, killed: false },
  'work-not-committed': { type: 'work-not-committed', wpId, worktree: '/w', reason: 'no space left' },
  aborted: { type: 'aborted', mission: 'demo', next: nextIs('sko orchestrate --mission demo') },
  'work-committed': { type: 'work-committed', wpId, commit: '0123456789abcdef', message: 'WP02: attempt 1' },
  'subtasks-marked': { type: 'subtasks-marked', wpId, subtasks: ['T001', 'T002'] },
  verdict: {
    ...{
      type: 'verdict',
      wpId,
      agent: claude,
      verdict: 'changes_requested',
      given: 'changes_requested',
      summary: 'no tests',
      commit: 'fedcba9876',
    },
    findings: [{ severity: 'high', file: 'a.ts', line: 3, problem: 'p', change: null }],
    followUps: [],
    notBelieved: 0,
  },
  'agent-quiet': {
    type: 'agent-quiet',
    wpId,
    role: 'implementation',
    agent: claude,
    attempt: 1,
    quietSeconds: 450,
    limitSeconds: 900,
    log,
  },
  'check-ended': { type: 'check-ended', wpId, command: 'npm test', exitCode: 1, elapsedMs: 2_000, log: '/c.log' },
  budget: {
    type: 'budget',
    level: 'reached',
    unit: 'usd',
    wpId: null,
    spent: 0.9,
    ceiling: 1,
    projected: 0.3,
    unknownAttempts: 2,
    next: nextIs('sko resume --budget-usd 2'),
  },
  paused: { type: 'paused', next: nextIs('sko continue') },
  continued: { type: 'continued' },
  'wp-taken-away': { type: 'wp-taken-away', wpId, from: 'in_progress', to: 'blocked' },
  'tree-changed-during-review': {
    type: 'tree-changed-during-review',
    wpId,
    agent: claude,
    kept: 'refs/sko/kept/run/WP01/1',
    since: '0123456789abcdef',
    patch: '/p.patch',
    next: nextIs('git diff 0123456789 refs/sko/kept/run/WP01/1', 'sko kept WP02 --restore 1'),
  },
  'tree-put-back': {
    type: 'tree-put-back',
    wpId,
    during: 'checks',
    kept: 'refs/sko/kept/run/WP01/2',
    since: '0123456789abcdef',
    patch: null,
    next: nextIs('sko kept WP02 --restore 2'),
  },
  'commits-on-top': { type: 'commits-on-top', wpId, commits: 2, head: '0123456789abcdef' },
  'work-kept': {
    type: 'work-kept',
    wpId,
    attempt: 1,
    kept: [{ ref: 'refs/sko/kept/r/WP02/2', number: 2, why: '1 file(s) that attempt 1 wrote and then removed: a.txt' }],
    next: nextIs('sko kept WP02 --show 2'),
  },
  'stash-crossed': {
    type: 'stash-crossed',
    wpId,
    attempt: 1,
    from: 'WP01',
    commit: 'c0ffee',
    files: ['a.txt'],
    next: nextIs('git stash apply c0ffee'),
  },
  'setting-flipped': {
    type: 'setting-flipped',
    wpId,
    key: 'core.bare',
    was: 'false',
    is: 'true',
    next: nextIs("git config --file '/repo/.git/config' core.bare 'false'"),
  },
  'kept-pruned': { type: 'kept-pruned', snapshots: 2, old: 1, days: 14 },
  'kept-restored': {
    ...{ type: 'kept-restored', wpId, ref: 'refs/sko/kept/r/WP02/1', worktree: '/w', written: ['a.txt'] },
    ...{ left: ['b: it is a link'], before: 'refs/sko/kept/r/WP02/2' },
  },
  'kept-removed': { type: 'kept-removed', kept: [{ ref: 'refs/sko/kept/r/WP02/1', commit: '0123456789abcdef' }] },
  'not-kept': { type: 'not-kept', wpId, attempt: 1, reason: 'git hash-object: no space left' },
  'agent-out': {
    type: 'agent-out',
    agent: claude,
    reason: 'auth: signed out',
    hint: 'sign in',
    next: nextIs('sko resume'),
  },
  cooldown: {
    type: 'cooldown',
    model: null,
    agent: claude,
    until: '2026-11-21T12:00:00.000Z',
    reason: 'usage-limit: spent',
  },
  'wp-waiting': {
    type: 'wp-waiting',
    wpId,
    until: '2026-11-21T12:00:00.000Z',
    reason: 'WP_NOT_FOUND',
    patienceSeconds: 600,
  },
  'host-refused': { type: 'host-refused', wpId, step: 'submit', message: 'TRANSITION_REJECTED: subtasks' },
  'needs-person': {
    ...{ type: 'needs-person', wpId, reason: 'rejected 3 times', log, next: nextIs('sko retry WP02') },
    tried: ['attempt 1 (cycle 1): implementation by claude-code failed: timed-out: stopped after 3600 s'],
    findings: ['codex: no tests'],
  },
  'mission-unclear': {
    type: 'mission-unclear',
    reason: 'WP02 depends on WP07',
    hint: 'correct it',
    next: nextIs('git checkout work'),
  },
  'mission-clear': { type: 'mission-clear' },
  'mission-changed': { type: 'mission-changed', added: [], removed: [wp('WP03')], changed: [wpId] },
  'unreviewed-shown': { type: 'unreviewed-shown', wpId, ranges: [{ base: 'aaaa', head: 'bbbb' }] },
  'accepted-by-others': {
    type: 'accepted-by-others',
    ran: [{ wpId, role: 'implementation', agent: claude, attempt: 1 }],
    file: '/m/meta.json',
    next: nextIs('git -C /m checkout HEAD -- meta.json'),
  },
  'lanes-merged-by-others': {
    type: 'lanes-merged-by-others',
    branches: ['kitty/lane-a'],
    ran: [],
    next: nextIs('git log'),
  },
  unattributed: {
    type: 'unattributed',
    commits: [
      { commit: 'c0ffee0123456789', files: ['notes.txt'], ran: [wpId], doubted: false },
      { commit: 'beef000123456789', files: ['src/a.ts'], ran: [wpId], doubted: true },
    ],
  },
  'wps-gone': { type: 'wps-gone', wpIds: [wp('WP03')], patienceSeconds: 600 },
  'orphans-reaped': { type: 'orphans-reaped', processes: 3 },
  'not-reported': { type: 'not-reported', reason: 'cannot write /l/events.ndjson: ENOSPC' },
  'notify-failed': { type: 'notify-failed', event: 'budget', reason: 'failed with exit 3', output: '/n.log' },
  'agent-untested': {
    ...{ type: 'agent-untested', agent: claude, testedRange: '>=2.1.0 <2.2.0' },
    reason: '2.0.5 is outside the tested range >=2.1.0 <2.2.0',
    next: nextIs('sko agents test claude-code'),
  },
  'request-unreadable': { type: 'request-unreadable', id: '1795', reason: 'it is no JSON' },
  'request-dropped': { type: 'request-dropped', request: 'skip', wpId, begun: true },
  'requests-unreachable': { type: 'requests-unreachable', reason: 'EACCES', next: nextIs('sko abort') },
  'request-unanswered': { type: 'request-unanswered', reason: 'ENOSPC', next: nextIs('sko status') },
  'still-under-way': {
    type: 'still-under-way',
    late: ['the host call start-implementation'],
    next: nextIs('sko resume'),
  },
  'run-failing': { type: 'run-failing', reason: 'ENOSPC' },
  'not-merged': {
    ...{ type: 'not-merged', code: 'PREFLIGHT_FAILED', message: 'its words', target: 'untouched' },
    next: nextIs('sko resume'),
  },
  'not-accepted': {
    type: 'not-accepted',
    code: 'MISSION_NOT_READY',
    message: 'not yet',
    next: nextIs('sko resume'),
  },
  'usage-unknown': { type: 'usage-unknown', wpId, agent: claude, unit: 'usd' },
  'verdict-void': { type: 'verdict-void', wpId, reason: 'the tree has changed' },
  'half-made-removed': { type: 'half-made-removed', wpId, worktree: '/w' },
  'commits-elsewhere': {
    ...{ type: 'commits-elsewhere', wpId, laneBranch: 'kitty/lane-a', branch: null, head: '0123456789abcdef' },
  },
  merged: { type: 'merged', targetBranch: 'work', strategy: 'merge' },
  accepted: { type: 'accepted' },
  stopping: { type: 'stopping', signal: 'SIGINT', agentsLeft: null, next: [] },
  'run-ended': {
    type: 'run-ended',
    exitCode: 3,
    code: 'host-defect',
    reason: 'mission-state failed inside the host',
    hint: 'this is a defect of the host',
    next: nextIs('sko resume'),
  },
  'run-finished': {
    ...{
      type: 'run-finished',
      exitCode: 1,
      reason: 'WP02 needs a person',
      mission: 'demo',
      merged: false,
      accepted: false,
      elapsedMs: 4_000_000,
    },
    used: [
      { unit: 'usd', spent: 0.84, ceiling: 1, unknownAttempts: 1 },
      { unit: 'tokens', spent: 24_600, ceiling: null, unknownAttempts: 0 },
      { unit: 'wall_clock_seconds', spent: 3999.6, ceiling: null, unknownAttempts: 0 },
    ],
    next: nextIs('sko retry WP02', 'sko resume'),
    workPackages: [
      {
        ...{ wpId: wp('WP01'), lane: 'done', implementers: [claude], reviewers: [agent('codex')], attempts: 2 },
        ...{
          cycles: 1,
          elapsedMs: 90_000,
          usage,
          branch: 'kitty/mission-demo-lane-a',
          reason: null,
          heldBy: null,
          attemptsOfUnknownCost: 1,
        },
        usedModels: [
          {
            role: 'implementation',
            agent: claude,
            cliVersion: '2.1.329',
            model: 'claude-sonnet-4-5',
            configuredModel: 'opus',
          },
          { role: 'review', agent: agent('codex'), cliVersion: null, model: null, configuredModel: null },
        ],
        ...{ tried: [], findings: [], followUps: [] },
        dilutions: [
          { kind: 'test-skipped', file: 'a.test.ts', line: 3, excerpt: 'it.skip(1)', answer: 'it needs a network' },
        ],
      },
      {
        ...{ wpId, lane: 'blocked', implementers: [claude], reviewers: [], attempts: 3, cycles: 1 },
        ...{
          elapsedMs: 5_000,
          usage: null,
          branch: null,
          reason: 'rejected 3 times',
          heldBy: null,
          attemptsOfUnknownCost: 3,
        },
        usedModels: [
          {
            role: 'implementation',
            agent: claude,
            cliVersion: '2.1.329',
            model: 'claude-sonnet-4-5',
            configuredModel: 'opus',
          },
          { role: 'review', agent: claude, cliVersion: '2.1.329', model: 'claude-sonnet-4-5', configuredModel: 'opus' },
        ],
        ...{ tried: ['attempt 1 (cycle 1): implementation by claude-code succeeded'], findings: ['codex: no tests'] },
        followUps: [],
        dilutions: [],
      },
    ],
  },
}

export function stamped(body: EventBody, at = '2026-11-21T10:20:30.000Z'): Event {
  return { ...body, at, runId: 'r', schema_version: '1.0.0', mission_id: null, mission_slug: 'demo' }
}
