import { describe, expect, it } from 'vitest'
import { isAgentId, isLaneId, isWpId } from '../../../src/core/ids.ts'
import {
  type KnownLane,
  laneName,
  lanes,
  movedByOthers,
  occupiesWorktree,
  parseLane,
  satisfiesDependents,
} from '../../../src/core/mission/lane.ts'

/** Of each lane: whether dependents may start, and whether an agent's work may be in the lane worktree. */
const table: Readonly<Record<KnownLane, readonly [satisfies: boolean, occupies: boolean]>> = {
  planned: [false, false],
  claimed: [false, true],
  in_progress: [false, true],
  for_review: [false, true],
  in_review: [false, true],
  approved: [true, false],
  done: [true, false],
  blocked: [false, false],
  canceled: [false, false],
}

describe('a lane', () => {
  it('is one of the nine of the host, in its order', () => {
    expect(lanes).toEqual(Object.keys(table))
  })

  it.each(lanes)('%s', name => {
    const lane = parseLane(name)
    expect(lane).toBe(name)
    expect(laneName(lane)).toBe(name)
    expect([satisfiesDependents(lane), occupiesWorktree(lane)]).toEqual(table[name])
  })

  it('of a newer host keeps its name, and nothing is concluded from it', () => {
    const lane = parseLane('frozen')
    expect(lane).toEqual({ unknown: 'frozen' })
    expect(laneName(lane)).toBe('frozen')
    expect([satisfiesDependents(lane), occupiesWorktree(lane)]).toEqual([false, false])
    expect(movedByOthers('in_review', lane)).toBe('someone else moved it from in_review to frozen')
  })
})

describe('an id', () => {
  it.each(['WP01', 'WP10', 'WP123'])('%s names a work package', text => expect(isWpId(text)).toBe(true))
  it.each(['', '*', 'WP', 'WP1', 'wp01', 'WP01-part', 'WP01\n', ' WP01', 'xWP01', '../WP01', 'WPab'])(
    '%j names none',
    text => expect(isWpId(text)).toBe(false),
  )

  it.each(['a', 'codex', 'claude-code', 'gpt5', 'a'.repeat(40)])('%s names an agent', text =>
    expect(isAgentId(text)).toBe(true),
  )
  it.each(['', '-a', '5a', 'Ada', 'a/b', 'a b', 'a\n', 'a'.repeat(41), '.', ' ada'])('%j names none', text =>
    expect(isAgentId(text)).toBe(false),
  )

  it('of a lane worktree is whatever the host says, but not nothing', () => {
    expect([isLaneId('lane-a'), isLaneId('')]).toEqual([true, false])
  })
})
