import { describe, expect, it } from 'vitest'
import { describe as inWords, summary } from '../../src/report/describe.ts'
import type { EventBody } from '../../src/report/event.ts'
import { everyEvent, stamp } from './every-event.ts'

/** null: only machines want to know. */
const words: Readonly<Record<EventBody['type'], string | null>> = {
  'run-started': 'started mission 001-demo: 5 work packages, at most 4 at once; logs in .kittify/logs/run-1',
  looked: null,
  'lane-changed': 'WP01 planned -> in_progress',
  'attempt-started': 'WP01 implementation by codex begins (attempt 2, cycle 1)',
  'attempt-ended': 'WP01 implementation by codex ended after 1 m 05 s',
  'work-committed': 'WP01 committed 0123456789: WP01: attempt 2',
  'subtasks-marked': "WP01 marked T001, T002 as done, on the agent's word",
  'attempt-void':
    'WP01 attempt 2 by codex does not count: crashed: ended by SIGSEGV; log /logs/WP01/implementation-c1-a2.out.log',
  verdict: 'WP01 changes_requested by codex at 0123456789, 1 finding(s): Not yet.',
  'reviewer-changed-tree':
    'WP01 the tree was changed during the review by codex; put back, the change is kept in /logs/x.patch',
  'agent-out': 'codex is out for this run: auth: signed out -> sign in',
  cooldown: 'codex is left alone until 2026-01-01T13:00:00.000Z: usage-limit: full',
  'wp-waiting': 'WP01 waits until 2026-01-01T13:00:00.000Z: codex: usage-limit',
  'host-refused': "WP01 the host refused 'submit': TRANSITION_REJECTED: no",
  'needs-person': 'WP01 NEEDS A PERSON: no agent left -> sko retry WP01; log /logs/WP01/implementation-c1-a2.out.log',
  'orphans-reaped': 'ended 3 process(es) that an earlier run had left behind',
  warning: 'warning: not merged -> look',
  merged: 'merged into work (merge)',
  accepted: 'the mission is accepted',
  stopping: 'SIGINT: stopping; agents are ended and their work is kept (once more: at once)',
  'run-finished': '0 of 1 work packages approved or done after 4.0 s',
}

const rows = Object.values(everyEvent).map(event => [event.type, event] as const)

describe('describe', () => {
  it.each(rows)('%s', (type, event) => {
    expect(inWords({ ...event, ...stamp })).toBe(words[type])
  })

  const started = everyEvent['attempt-started']
  const ended = everyEvent['attempt-ended']
  const failure = { class: 'crashed', detail: 'SIGSEGV' } as const
  it.each<readonly [string, EventBody, string]>([
    ['a resumed run', { ...everyEvent['run-started'], resumed: true }, 'resumed mission'],
    ['a reviewer that could write', { ...started, role: 'review' }, 'cycle 1, with write access)'],
    ['a reviewer that could not', { ...started, role: 'review', reviewerIsReadOnly: true }, 'cycle 1)'],
    ['a failure', { ...ended, failure }, 'failed: crashed: SIGSEGV after 1 m 05 s; log '],
    ['an interruption', { ...ended, interrupted: true }, 'was interrupted after'],
    ['a person without a log', { ...everyEvent['needs-person'], log: null }, '-> sko retry WP01'],
    ['no findings', { ...everyEvent.verdict, findings: [] }, 'at 0123456789: Not yet.'],
    ['merged and accepted', { ...everyEvent['run-finished'], merged: true, accepted: true }, 'done, merged, accepted'],
  ])('says of %s what is different', (_, event, said) => {
    expect(inWords({ ...event, ...stamp })).toContain(said)
  })
})

describe('summary', () => {
  const finished = { ...everyEvent['run-finished'], ...stamp }
  it('has the table, what needs a person, the branches and what to run, in this order', () => {
    expect(summary(finished).split('\n\n')).toEqual([
      'Mission 001-demo: 0 of 1 work packages approved or done in 4.0 s',
      [
        'WP    lane     implemented by  reviewed by  attempts  cycles  time      usage',
        'WP01  blocked  codex           -            3         1       1 h 02 m  12,300 tokens, $0.42',
      ].join('\n'),
      'Needs a person:\n  WP01: no agent left',
      'Lane branches, not merged:\n  WP01: kitty/lane-a',
      'Next:\n  sko retry WP01\n  sko resume',
    ])
  })

  it('leaves out what there is nothing of', () => {
    const workPackages = finished.workPackages.map(wp => ({ ...wp, lane: 'done', reason: null, usage: null }))
    const text = summary({ ...finished, workPackages, merged: true, accepted: true, next: [] })
    expect(text).toMatch(/^Mission 001-demo: 1 of 1 work packages approved or done, merged, accepted/)
    for (const title of ['Needs a person', 'Lane branches', 'Next']) expect(text).not.toContain(title)
    expect(text).toMatch(/ unknown$/)
  })
})
