import fc from 'fast-check'
import { expect, it } from 'vitest'
import { beginCover, coverAlone } from '../../../src/core/verify/cover.ts'
import { evidenceOf } from '../../../src/core/verify/evidence.ts'
import { finishCover, openMoves } from '../../../src/core/verify/moves.ts'
import { type History, missions, play } from './histories.ts'

function uncoveredIn({ graph, head, record, files, difference }: History) {
  const known = new Set(['start', ...graph.map(({ commit }) => commit)])
  const evidence = evidenceOf([record], commit => known.has(commit))
  const begun = beginCover(graph, head, evidence)
  const alone = coverAlone(begun, commit => files.get(commit) ?? [])
  const compared = openMoves(begun, alone).map(move => ({ ...move, odd: difference }))
  const { range, ofLanes } = finishCover(begun, alone, compared)
  return {
    range,
    open: [...range, ...ofLanes].filter(({ cover }) => cover.kind === 'none').map(({ commit }) => commit),
  }
}

/** Fewer against each mutant. */
const runs = process.env.STRYKER_MUTATOR_WORKER === undefined ? 10_000 : 500

it('of 10,000 histories: no uncovered commit passes, and no covered one fails', () => {
  const seen = { passed: 0, failed: 0, moves: 0 }
  fc.assert(
    fc.property(missions, mission => {
      const history = play(mission)
      const { range, open } = uncoveredIn(history)
      expect(open.toSorted()).toEqual([...history.uncovered].toSorted())
      expect(range.map(({ commit }) => commit).toSorted()).toEqual([...history.range].toSorted())
      seen[open.length > 0 ? 'failed' : 'passed'] += 1
      if (range.some(({ cover }) => cover.kind === 'squash' || cover.kind === 'rebase')) seen.moves += 1
    }),
    { numRuns: runs },
  )
  // The histories are of both kinds.
  expect(Math.min(seen.passed, seen.failed)).toBeGreaterThan(runs / 10)
  expect(seen.moves).toBeGreaterThan(runs / 20)
})
