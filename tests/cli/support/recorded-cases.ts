import type { FakeMissionInit } from './fake-mission.ts'
import {
  acceptedOnce,
  approvedOnOtherBranch,
  asSeeded,
  at,
  bothApproved,
  bothImplemented,
  detached,
  dirtyLane,
  dirtyMainTree,
  dirtyWorktree,
  indexLock,
  laneConflict,
  merged,
  namesake,
  onOtherBranch,
  type Prepare,
  refusedPush,
  targetConflict,
  unprepared,
  untrackedInTheWay,
  withoutCoordWorktree,
  withoutLaneWorktree,
} from './recorded-states.ts'
import { transitionRows } from './recorded-transitions.ts'

type Shape = FakeMissionInit['shape']

/** A recording of the real host (`fixtures/host/<name>.json`) and the state it was made in. */
export interface RecordedCase {
  readonly name: string
  readonly shape: Shape
  readonly topology: 'coord' | 'lanes'
  readonly lanes?: FakeMissionInit['lanes']
  readonly subtasks?: FakeMissionInit['subtasks']
  readonly prepare: Prepare
}

const diamond: Shape = { WP01: [], WP02: ['WP01'], WP03: ['WP01'], WP04: ['WP02', 'WP03'] }
const flat = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map(n => [`WP0${n}`, []]))
const two: Shape = { WP01: [], WP02: [] }

const start = 'start-implementation'

export const recordedCases: readonly RecordedCase[] = [
  ...group('contract-version', two, [
    ...unprepared('success', 'provider-minimum', 'provider-not-a-version', 'provider-too-old'),
  ]),
  ...group('mission-state', diamond, [
    ['seeded', asSeeded],
    ['one-for-review', at('WP01', 'for_review')],
    ['ambiguous-human-slug', namesake],
    ...unprepared(
      'mission-not-found',
      'short-prefix',
      'empty-mission',
      'path-traversal',
      'json-flag',
      'feature-flag',
      'missing-option',
    ),
  ]),
  ...group('mission-state', { WP01: [], WP02: [], WP03: [] }, [
    ['bare-human-slug', at('WP01', 'in_progress')],
    ['coord-worktree-deleted', withoutCoordWorktree],
  ]),
  ...group('unknown', two, [['unknown-command', asSeeded]]),
  ...group('list-ready', diamond, [
    ['seeded', asSeeded],
    ['dependency-approved', at('WP01', 'approved')],
  ]),
  ...group('list-ready', { WP01: [], WP02: ['WP01'] }, [['dependency-canceled', at('WP01', 'canceled')]], 'lanes'),
  ...group('resolve-workspace', diamond, [
    ['never-started', asSeeded],
    ['in-progress', at('WP01', 'in_progress')],
    ['wp-not-found', asSeeded],
  ]),
  ...group(start, diamond, [
    ['success-from-planned', asSeeded],
    ['dependencies-not-satisfied', asSeeded],
    ['same-actor-in-progress', at('WP01', 'in_progress', 'a1')],
    ['other-actor-in-progress', at('WP01', 'in_progress', 'a1')],
    ['same-actor-for-review', at('WP01', 'for_review', 'a1')],
    ['same-actor-in-review', at('WP01', 'in_review', 'a1')],
    ['same-actor-dirty-worktree', dirtyWorktree('WP01')],
    ...unprepared(
      'policy-banned-flag',
      'policy-empty-string',
      'policy-extra-fields-ok',
      'policy-flags-not-array',
      'policy-missing',
      'policy-missing-field',
      'policy-not-json',
      'policy-not-object',
      'policy-secret-like-substring',
      'policy-secret-like-value',
      'policy-wrong-type',
    ),
  ]),
  ...group(start, flat, [
    ['after-rejection-implementer', at('WP01', 'in_progress', 'r1')],
    ['after-rejection-implementer-dirty', dirtyWorktree('WP01')],
    ['after-rejection-reviewer', at('WP01', 'in_progress', 'r1')],
    ['after-rejection-to-planned', at('WP01', 'planned', 'r1')],
    ['approved-wp', at('WP02', 'approved')],
    ['blocked-wp', at('WP08', 'blocked')],
    ['done-wp', at('WP01', 'done')],
    ['other-actor-claimed', at('WP07', 'claimed', 'a1')],
    ['takeover-after-release', at('WP07', 'planned', 'a1')],
    ['coord-worktree-deleted', withoutCoordWorktree],
    ['lane-worktree-deleted', withoutLaneWorktree],
    ['checkout-on-other-branch--coord', onOtherBranch],
    ['detached-head--coord', detached],
  ]),
  ...group(
    start,
    flat,
    [
      ['checkout-on-other-branch--lanes', onOtherBranch],
      ['detached-head--lanes', detached],
    ],
    'lanes',
  ),
  ...group(start, { WP01: [], WP02: ['WP01'] }, [['dependency-canceled', at('WP01', 'canceled')]], 'lanes'),
  ...group(
    start,
    flat,
    [
      ['shared-lane-second-wp-dirty', dirtyWorktree('WP02')],
      ['shared-lane-second-wp-clean', at('WP02', 'in_progress')],
    ],
    'lanes',
    { lanes: { WP02: 'a', WP03: 'a' } },
  ),
  ...group('start-review', diamond, [
    ['success', at('WP01', 'for_review')],
    ['same-actor-in-review', at('WP01', 'in_review', 'r1')],
    ['other-actor-in-review', at('WP01', 'in_review', 'r1')],
    ['done-wp', at('WP01', 'done')],
  ]),
  ...group('transition', flat, transitionRows),
  ...group('transition', flat, [['stale-index-lock--lanes', indexLock]], 'lanes'),
  ...group(
    'transition',
    diamond,
    [
      ['for_review-unchecked-subtasks', at('WP01', 'in_progress')],
      ['for_review-unchecked-with-hints', at('WP01', 'in_progress')],
    ],
    'coord',
    { subtasks: { WP01: ['T001'] } },
  ),
  ...group('append-history', two, [
    ...unprepared('success', 'note-control', 'note-empty', 'note-leading-dash', 'note-newlines', 'note-unicode'),
  ]),
  ...group(
    'mark-status',
    two,
    [...unprepared('mission-not-found', 'not-found', 'one-of-two-not-found', 'success-two')],
    'coord',
    { subtasks: { WP01: ['T001', 'T002'] } },
  ),
  ...group('accept-mission', diamond, [['not-ready', at('WP01', 'approved')]]),
  ...group('accept-mission', two, [
    ['uncaught-exception--coord', bothApproved],
    ['success-after-merge--coord', merged],
  ]),
  ...group(
    'accept-mission',
    two,
    [
      ['success-approved-before-merge--lanes', bothApproved],
      ['second-time--lanes', acceptedOnce],
      ['success-after-merge--lanes', merged],
    ],
    'lanes',
  ),
  ...group('merge-mission', two, [
    ['success-merge--coord', bothApproved],
    ['success-squash--coord', bothApproved],
    ['success-unreviewed-wps--coord', bothImplemented],
    ['second-time--coord', merged],
    ['unsupported-strategy', asSeeded],
  ]),
  ...group(
    'merge-mission',
    two,
    [
      ['success-merge-push-no-remote--lanes', bothApproved],
      ['refused-push--lanes', refusedPush],
      ['success-squash--lanes', bothApproved],
      ['success-rebase--lanes', bothApproved],
      ['success-unreviewed-wps--lanes', bothImplemented],
      ['second-time--lanes', merged],
      ['dirty-main-tree--lanes', dirtyMainTree],
      ['untracked-file-in-the-way--lanes', untrackedInTheWay],
      ['success-dirty-lane-worktree-lost--lanes', dirtyLane],
      ['lane-conflict--lanes', laneConflict],
      ['target-conflict--lanes', targetConflict],
      ['checkout-on-other-branch--lanes', approvedOnOtherBranch],
    ],
    'lanes',
  ),
]

function group(
  verb: string,
  shape: Shape,
  rows: readonly (readonly [string, Prepare])[],
  topology: 'coord' | 'lanes' = 'coord',
  more: Pick<FakeMissionInit, 'lanes' | 'subtasks'> = {},
): readonly RecordedCase[] {
  return rows.map(([name, prepare]) => ({ name: `${verb}/${name}`, shape, topology, prepare, ...more }))
}
