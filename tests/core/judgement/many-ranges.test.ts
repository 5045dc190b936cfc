import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  ancestry,
  commitsBetween,
  type GraphCommit,
  madeOnTarget,
  uncovered,
} from '../../../src/core/judgement/coverage.ts'

/** In any order; a parent has a smaller number, or is in no graph. */
const graphs = fc
  .array(fc.array(fc.nat(12), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .chain(list => {
    const commits = list.map((parents, index): GraphCommit => {
      return {
        commit: `c${index}`,
        parents: [...new Set(parents)].filter(at => at < index || at > 10).map(at => `c${at}`),
      }
    })
    const order = fc.shuffledSubarray(commits, { minLength: commits.length, maxLength: commits.length })
    return fc.record({ graph: order, base: fc.nat(12), head: fc.nat(12) })
  })
  .map(({ graph, base, head }) => ({ graph, base: `c${base}`, head: `c${head}` }))

it('what a range holds is what its head contains and its base does not', () => {
  fc.assert(
    fc.property(graphs, ({ graph, base, head }) => {
      const isAcyclic = graph.every(({ commit, parents }) => !parents.includes(commit))
      fc.pre(
        isAcyclic &&
          graph.every(({ commit, parents }) =>
            parents.every(
              at => Number(at.slice(1)) < Number(commit.slice(1)) || !graph.some(other => other.commit === at),
            ),
          ),
      )
      const before = ancestry(graph)
      const expected = [...before([head])].filter(commit => !before([base]).has(commit))
      expect([...commitsBetween(graph)(base, head)].toSorted()).toEqual(expected.toSorted())
    }),
    { numRuns: 3_000 },
  )
})

it('the evidence for a lane of many work packages is found in time that grows with it, not with its square', () => {
  const reads = (count: number): number => {
    let reads = 0
    const graph = Array.from({ length: count }, (_, index) => ({
      commit: `c${index}`,
      get parents() {
        reads += 1
        return index === 0 ? ['start'] : [`c${index - 1}`]
      },
    })).toReversed()
    const reviewed = graph.map(({ commit }, index) => ({ base: graph[index + 1]?.commit ?? 'start', head: commit }))
    const lanes = reviewed.map(({ base, head }) => ({ tip: head, from: base }))
    const accepted = madeOnTarget(graph, 'c0', lanes)
    expect(uncovered(graph, [`c${count - 1}`], { given: [], reviewed, accepted })).toEqual([])
    return reads
  }
  expect(reads(2_000)).toBeLessThan(11 * reads(200))
})
