import { expect, describe as group, it } from 'vitest'
import { createBoard } from '../../src/report/board.ts'
import { describe } from '../../src/report/describe.ts'
import { createJsonLines } from '../../src/report/json-lines.ts'
import { createLines } from '../../src/report/lines.ts'
import { summary } from '../../src/report/summary.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { oneOfEach, stamped } from './events.ts'

const removed = { kind: 'test-removed', file: 'a', line: null, excerpt: '', answer: 'gone' } as const
const expected: { readonly [T in keyof typeof oneOfEach]: readonly string[] | null } = {
  'run-started': ['started mission demo', '4 work packages', 'at most 2 at once', '/l'],
  looked: null,
  'lane-changed': ['WP02 planned -> in_progress'],
  'attempt-started': ['WP02 review by claude-code starts', 'attempt 2, cycle 1', 'with write access'],
  'attempt-adopted': ['WP02 implementation by claude-code is still running; sko follows it again (attempt 1, cycle 1)'],
  'attempt-ended': ['failed: timed-out: stopped after 3600 s', '1 m 01 s', 'implementation-c1-a1.out.log'],
  'attempt-void': ['attempt 2 by claude-code does not count', 'no-verdict: prose', '.out.log'],
  'taken-as-given': ['WP02 was approved or done before sko started'],
  'approved-by-others': [
    'WP02 is approved, but not by a review of this run',
    '; next: sko confirm WP02 --commit 0123 (a reason)',
  ],
  uncovered: ['not merged, because no review of this run covers it: 0123456789 on kitty/lane-a (a, b, c and 1 more)'],
  'combined-check': [
    'checks fail on kitty/lane-a, kitty/lane-b merged into work: npm test: exit 1, log /l/combined/0123.check-1.log',
  ],
  'sent-back': ['WP02 goes back to work (cycle 2): npm test fails on it together with WP02 and work'],
  'conflict-foretold': ['the approved work of WP02 will conflict with the target in a.ts'],
  'combined-unchecked': ['the combined result is merged without checks on it: git merge-tree: usage'],
  'combined-differs': ['work has other files than the combined result that was checked: a, b, c and 1 more'],
  'merged-by-others': ['merged into work, but not by this run'],
  confirmed: ['WP02 is confirmed by a person at 0123456789: seen'],
  pushed: ['origin has work at 0123456789'],
  'not-pushed': ['not pushed: refused; next: git push origin work (a reason)'],
  recorded: [
    'the review record of the merge is stored in refs/sko/attestations, unsigned, and not as configured: its key needs a passphrase; next: sko resume (a reason)',
  ],
  'not-recorded': [
    'the review record of the merge at 0123456789 is not stored: git update-ref failed; the merge stays; next: sko resume (a reason)',
  ],
  'record-pushed': ['pushed: origin has refs/sko/attestations at 0123456789'],
  'record-not-pushed': [
    'the review record is not pushed to origin: refused; next: git push origin refs/sko/attestations (a reason)',
  ],
  retried: ['WP02 is retried on request: looked at it'],
  skipped: ['WP02 is skipped on request; its work so far stays on kitty/lane-a'],
  'request-refused': ['WP02 sko skip was refused: the host refused it'],
  'owner-stopped': ['sko abort stopped process 42 of the run'],
  'work-not-committed': ['WP02 the work that its last attempt left in /w is not committed: no space left'],
  aborted: ['the run of mission demo is aborted', '; next: sko orchestrate --mission demo'],
  'work-committed': ['WP02 committed 0123456789:'],
  'subtasks-marked': ['T001, T002'],
  verdict: ['WP02 changes_requested by claude-code at fedcba9876, 1 finding(s): no tests'],
  'tree-changed-during-review': ['sko put them back', '/p.patch', 'git diff 0123456789 refs/sko/kept/run/WP01/1'],
  'tree-put-back': ['while the checks ran', 'next: sko kept WP02 --restore 2'],
  'commits-on-top': ['2 commit(s)', 'stay'],
  'work-kept': [
    'WP02 kept 1 file(s) that attempt 1 wrote and then removed: a.txt; next: sko kept WP02 --show 2 (a reason)',
  ],
  'stash-crossed': ['WP02 attempt 1 applied a git stash entry of WP01 (a.txt)', '; next: git stash apply c0ffee'],
  'setting-flipped': [
    'core.bare',
    'from false to true',
    "; next: git config --file '/repo/.git/config' core.bare 'false' (a reason)",
  ],
  'kept-pruned': ['removed 2 snapshot(s)', '1 older than 14 days'],
  'kept-restored': [
    'WP02 1 file(s) of refs/sko/kept/r/WP02/1 restored in /w, 1 left as they are; their previous content is kept as refs',
  ],
  'kept-removed': ['removed 1 copy of work'],
  'not-kept': ['WP02 attempt 1', 'no space left'],
  'agent-quiet': ['WP02 implementation by claude-code has shown no sign of life for 450 s; it is stopped at 900 s'],
  'check-ended': ['WP02 check failed (exit 1) after 2.0 s: npm test; log /c.log'],
  budget: [
    'the run has used 0.90 of 1.00 USD (2 attempts of unknown cost)',
    'add 0.30',
    '; next: sko resume --budget-usd 2 (a reason)',
  ],
  paused: ['paused', 'sko continue'],
  continued: ['continued'],
  'wp-taken-away': ['WP02 was moved from in_progress to blocked by someone else'],
  'agent-out': ['claude-code is not used again in this run: auth: signed out -> sign in'],
  cooldown: ['claude-code is not used until 2026-11-21T12:00:00.000Z: usage-limit: spent'],
  'wp-waiting': ['WP02 waits until 2026-11-21T12:00:00.000Z (sko asks again; it needs attention after 10 m 00 s): '],
  'host-refused': ["WP02 the host refused 'submit': TRANSITION_REJECTED: subtasks"],
  'needs-person': [
    'WP02 needs attention: rejected 3 times',
    'implementation-c1-a1.out.log; next: sko retry WP02 (a reason)',
  ],
  'mission-unclear': [
    'WP02 depends on WP07 -> correct it; next: git checkout work (a reason)',
    'running attempts continue',
  ],
  'mission-clear': ['the run continues'],
  'mission-changed': ['gone: WP03; dependencies changed: WP02'],
  'unreviewed-shown': ['WP02 its reviewer is also shown', 'no review covers yet: aaaa..bbbb'],
  'accepted-by-others': [
    'accept the mission while WP02 implementation by claude-code (attempt 1) ran, but not by this run',
    '; next: git -C /m checkout HEAD -- meta.json',
  ],
  'lanes-merged-by-others': ['kitty/lane-a was merged and removed while no attempt of this run was running'],
  unattributed: [
    "assumed to be a person's commit: c0ffee0123 (notes.txt) was added to the target while an attempt on WP02 ran; ",
    'until a person confirms it: beef000123 (src/a.ts)',
  ],
  'wps-gone': [
    'WP03 is missing from the mission, unfinished',
    'waits 10 m 00 s (host.patience_seconds) before it ends -> put it back',
  ],
  'orphans-reaped': ['ended 3 process(es)'],
  'not-reported': ['warning: some events were not reported: cannot write /l/events.ndjson: ENOSPC -> '],
  'notify-failed': [
    'warning: notify.command failed with exit 3 (event budget); later failures are not reported',
    '/n.log',
  ],
  'agent-untested': ['claude-code 2.0.5 is outside the tested range', '; next: sko agents test claude-code (a reason)'],
  'request-unreadable': ['a request (1795) was removed: it is no JSON -> run the command again'],
  'request-dropped': ['sko skip WP02 may have been done only in part -> run the command again'],
  'requests-unreachable': ['do not reach this run: EACCES; next: sko abort (a reason)'],
  'request-unanswered': [
    'a request was carried out, but its answer could not be delivered: ENOSPC; next: sko status (a reason)',
  ],
  'still-under-way': [
    'without waiting any longer for the host call start-implementation',
    '; next: sko resume (a reason)',
  ],
  'run-failing': ['the run cannot continue: ENOSPC -> running agents finish their attempt'],
  'not-merged': ['not merged (PREFLIGHT_FAILED): its words -> the target branch is untouched'],
  'not-accepted': ['not accepted (MISSION_NOT_READY): not yet; next: sko resume (a reason)'],
  'usage-unknown': ['WP02: an attempt by claude-code did not report its cost, so budget.usd cannot count it'],
  'verdict-void': ['WP02: the verdict does not count: the tree has changed -> the work is reviewed again'],
  'half-made-removed': ['WP02: removed the incomplete lane worktree of an interrupted claim'],
  'commits-elsewhere': [
    'WP02: its agent left commits on no branch that do not continue kitty/lane-a',
    'the last one is 0123',
  ],
  'host-call': null,
  'wp-model-not-used': [
    'warning: WP02: its model gpt-5 is not used for the implementation by claude-code: claude-code has no model of this name',
  ],
  'wp-field-not-used': ['WP02: agent_profile implementer-ivan in its frontmatter does not choose the agent'],
  'host-agents-not-used': ['warning: .kittify/config.yaml: sko has no agent for windsurf'],
  'model-swapped': [
    'warning: WP02: the review by claude-code asked for opus, but claude-sonnet-4-5 answered -> it counts',
  ],
  'host-cold': ['each host call starts a process of its own, which is slower: a call was ended by SIGABRT'],
  'host-strategy-not-used': ['warning: .kittify/config.yaml: merge.strategy: found 7; the mission is merged by merge'],
  'own-files-in-git': ['git tracks state files of sko', "; next: git rm --cached -- '.kittify/logs'"],
  'mission-incomplete': [
    'will not accept the mission while its meta.json lacks slug, created_at; next: node -e x (a reason)',
  ],
  'main-checkout-changed': [
    'the main checkout /repo changed while attempt 1 of WP02 ran; sko cannot tell who changed it, it may have been you: src/a.txt, refs/tags/v1; a copy is in refs/sko',
  ],
  'main-checkout-kept': ['a copy of the main checkout is in refs/sko/kept/r/main/1', 'the merge drops it'],
  merged: ['merged into work (merge)'],
  accepted: ['accepted'],
  stopping: ['SIGINT: stopping'],
  'run-ended': ['(exit 3): mission-state failed', 'this is a defect', 'next: sko resume'],
  'run-finished': ['1 of 2 work packages approved or done', '1 h 06 m'],
}

group('describe', () => {
  it.each(Object.values(oneOfEach))('says $type in one line', event => {
    const text = describe(stamped(event))
    const wanted = expected[event.type]
    if (wanted === null) expect(text).toBeNull()
    for (const words of wanted ?? []) expect(text).toContain(words)
    expect(text ?? '').not.toContain('\n')
  })
})

group('describe, where an event has variants', () => {
  const low = { severity: 'low', file: 'b.ts', line: 4, problem: 'q', change: null } as const
  const started = oneOfEach['attempt-started']
  const ended = oneOfEach['attempt-ended']
  it.each<readonly [string, EventBody, RegExp]>([
    ['a resumed run', { ...oneOfEach['run-started'], resumed: true }, /^resumed mission/],
    [
      'agents that are left running',
      { type: 'stopping', signal: 'SIGHUP', agentsLeft: 2, next: [{ command: 'sko resume', why: '' }] },
      /^SIGHUP: sko exits, 2 agent\(s\) keep running without it .*; next: sko resume$/,
    ],
    ['a reviewer that cannot write', { ...started, reviewerIsReadOnly: true }, /cycle 1\)$/],
    [
      'an attempt that ended unseen',
      { ...oneOfEach['attempt-adopted'], running: false },
      /finished while sko was not running; its result is used \(attempt 1, cycle 1\)$/,
    ],
    ['a limit of one model', { ...oneOfEach.cooldown, model: 'opus' }, /^claude-code \(opus\) is not used until/],
    ['a check that passed', { ...oneOfEach['check-ended'], exitCode: 0 }, /check passed after 2\.0 s: npm test$/],
    ['a check that was stopped', { ...oneOfEach['check-ended'], exitCode: null }, /check was stopped/],
    [
      'a budget nearly used',
      { ...oneOfEach.budget, level: 'warned', next: [] },
      /^warning: the run has used 0\.90 of 1\.00 USD \(2 attempts of unknown cost\)$/,
    ],
    [
      'the budget of a WP',
      { ...oneOfEach.budget, wpId: oneOfEach['agent-quiet'].wpId },
      /^WP02 has used .*: no new attempt starts; next: sko resume --budget-usd 2 \(a reason\)$/,
    ],
    [
      'a process that was killed',
      { ...oneOfEach['owner-stopped'], killed: true },
      /^sko abort killed process 42 of the/,
    ],
    [
      'work that could not be looked for',
      { ...oneOfEach['work-not-committed'], worktree: null },
      /left in its lane worktree is not committed/,
    ],
    [
      'a request about the whole run, not begun',
      { ...oneOfEach['request-dropped'], request: 'pause', wpId: null, begun: false },
      /: sko pause was not done -> /,
    ],
    [
      'commits on another branch',
      { ...oneOfEach['commits-elsewhere'], branch: 'mine' },
      /left commits on branch mine that do not continue kitty\/lane-a/,
    ],
    ['a copy that overwrote nothing', { ...oneOfEach['kept-restored'], left: [], before: null }, / restored in \/w$/],
    ['an implementation', { ...started, role: 'implementation' }, /cycle 1\)$/],
    ['an attempt that ended well', { ...ended, failure: null }, / ended after 1 m 01 s$/],
    ['an interrupted one', { ...ended, failure: null, interrupted: true }, / was interrupted after /],
    ['a person without a log', { ...oneOfEach['needs-person'], log: null }, /; next: sko retry WP02 \(a reason\)$/],
    ['a verdict without findings', { ...oneOfEach.verdict, findings: [] }, / at fedcba9876: no tests$/],
    [
      'an approval with follow-ups',
      { ...oneOfEach.verdict, verdict: 'approved', given: 'approved', followUps: [low], findings: [low] },
      /^WP02 approved by claude-code at fedcba9876, 1 follow-up\(s\): no tests$/,
    ],
    [
      'an approval that answers questions',
      { ...oneOfEach.verdict, verdict: 'approved', given: 'approved', dilutions: [removed, removed], findings: [] },
      /at fedcba9876, 2 question\(s\) about weaker tests or checks: no tests$/,
    ],
    [
      'a request for changes in which nothing blocks',
      { ...oneOfEach.verdict, verdict: 'approved', followUps: [low, low], findings: [low, low], notBelieved: 1 },
      /^WP02 changes_requested by claude-code at fedcba9876, counted as approved because nothing in it blocks, 2 follow-up\(s\), 1 finding\(s\) without an existing place not believed: no tests$/,
    ],
    [
      'a merged and accepted mission',
      { ...oneOfEach['run-finished'], merged: true, accepted: true },
      /merged, accepted/,
    ],
  ])('%s', (_, event, said) => {
    expect(describe(stamped(event))).toMatch(said)
  })
})

group('summary', () => {
  it('names agents, what needs a person, unmerged branches and the next command', () => {
    const text = summary({ ...oneOfEach['run-finished'] })
    const claudes =
      'claude-code 2.1.329 (claude-sonnet-4-5 instead of opus): implementation of WP01, WP02; review of WP02'
    expect(text).toContain(`Answered by:\n  ${claudes}\n\nUsed`)
    expect(text).toMatch(
      /WP01\s+done\s+claude-code\s+codex\s+2\s+1\s+1 m 30 s\s+12,300 tokens, \$0\.42, 1 attempt of unknown cost$/m,
    )
    expect(text).toContain(
      'Used by this run: 0.84 of 1.00 USD (1 attempt of unknown cost), 24,600 tokens, 4,000 s of wall clock',
    )
    expect(text).toContain('Needs attention:\n  WP02: rejected 3 times')
    expect(text).toContain('Lane branches, not merged:\n  WP01: kitty/mission-demo-lane-a')
    expect(text).toContain('Next:\n  sko retry WP02   (a reason)\n  sko resume   (a reason)')
  })

  it('names what may say less in approved work, with the answers of the reviewers', () => {
    const text = summary({ ...oneOfEach['run-finished'] })
    expect(text).toContain(
      `wall clock

Tests or checks may say less than before:
  WP01 a.test.ts:3: a test is skipped or others are left out (\`it.skip(1)\`); the reviewer answered: it needs a network

`,
    )
    const finished = oneOfEach['run-finished']
    const dilutions = finished.workPackages[0]?.dilutions ?? []
    const many = Array.from({ length: 25 }, () => dilutions).flat()
    const workPackages = finished.workPackages.map(wp => ({ ...wp, dilutions: many }))
    expect(summary({ ...finished, workPackages }).match(/the reviewer answered/g)).toHaveLength(20)
    expect(summary({ ...finished, workPackages })).toContain('\n  … and 30 more\n')
  })

  it('tells those that were held from those that need a person', () => {
    const finished = oneOfEach['run-finished']
    const workPackages = finished.workPackages.map(wp => ({ ...wp, heldBy: 'budget' as const }))
    const text = summary({ ...finished, workPackages })
    expect(text).toContain('Held by a budget or a limit:\n  WP02: rejected 3 times')
    expect(text).not.toContain('Needs attention')
  })

  it('leaves out what there is nothing of', () => {
    const finished = oneOfEach['run-finished']
    const workPackages = finished.workPackages.map(wp => ({ ...wp, reason: null, branch: null, usage: null }))
    const text = summary({ ...finished, workPackages, next: [] })
    for (const title of ['Needs attention', 'Lane branches', 'Next']) expect(text).not.toContain(title)
    expect(text).toContain(' unknown')
  })

  it('lists no branches once they are merged', () => {
    expect(summary({ ...oneOfEach['run-finished'], merged: true })).not.toContain('Lane branches')
  })
})

group('reporters', () => {
  it('lines carry the time of day and end with the summary', () => {
    let out = ''
    const lines = createLines(text => {
      out += text
    })
    lines.onEvent(stamped(oneOfEach.accepted))
    lines.onEvent(stamped(oneOfEach.looked))
    lines.onEvent(stamped(oneOfEach['run-finished']))
    expect(out.split('\n')[0]).toBe('10:20:30 the mission is accepted')
    expect(out).toContain('Mission demo: 1 of 2')
  })

  it('JSON lines are one event each, with time and run', () => {
    const out: string[] = []
    const json = createJsonLines(sink(out), '/nowhere')
    const odd = { type: 'not-accepted', code: 'C', message: 'a\nb\u2028c', next: [{ command: '"', why: '' }] } as const
    const events = [...Object.values(oneOfEach), odd].map(event => stamped(event))
    for (const event of events) json.onEvent(event)
    const parsed: unknown[] = out.map(line => JSON.parse(line))
    expect(parsed).toEqual(events)
    expect(out.every(line => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
  })

  it('let nothing through that works on a terminal, wherever it comes from', () => {
    const hostile = 'a\u001b[2Jb\u202ec\u009d52;c;x\u0007d\u0000e\nf'
    const finished = oneOfEach['run-finished']
    const events = [
      stamped({ type: 'not-accepted', code: 'C', message: hostile, next: [{ command: hostile, why: hostile }] }),
      stamped({ ...oneOfEach['run-started'], logs: `/tmp/${hostile}`, mission: hostile }),
      stamped({ ...finished, mission: hostile, next: [{ command: hostile, why: hostile }] }),
    ]
    const out: string[] = []
    const size = () => ({ columns: 200, rows: 50 })
    const board = createBoard({ write: text => out.push(text), isReady: () => true, size, takesKeys: false }, Date.now)
    const reporters = [createLines(text => out.push(text)), createJsonLines(sink(out), '/nowhere'), board]
    for (const event of events) for (const reporter of reporters) reporter.onEvent(event)
    void board.close()
    const ups = Array.from({ length: 20 }, (_, index) => `\u001b[${index}A`)
    const ours = ['\u001b[J', '\u001b[K', '\r', '\n', ...ups]
    const rest = out.map(text => ours.reduce((left, sign) => left.replaceAll(sign, ''), text))
    expect(rest.filter(text => /[\p{Cc}\p{Cf}]/u.test(text))).toEqual([])
    expect(out.join('')).toContain('warning: not accepted (C): abc52;c;xde f; next: abc52;c;xde f (abc52;c;xde f)\n')
  })
})

function sink(out: string[]) {
  return { write: (text: string) => void out.push(text), pending: () => 0, onDrain: () => undefined }
}
