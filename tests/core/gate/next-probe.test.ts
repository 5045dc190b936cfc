import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, type LaneSet, mostProbes, nextProbe, type Probe } from '../../../src/core/gate/next-probe.ts'

interface Search {
  readonly end: Probe
  readonly asked: readonly LaneSet[]
}

/** Asks until there is a result; more questions than sets exist would be a loop. */
function search(count: number, isGreen: (lanes: LaneSet) => boolean): Search {
  const answers: Answer[] = []
  for (;;) {
    const probe = nextProbe(count, answers)
    if (probe.kind !== 'check') return { end: probe, asked: answers.map(({ lanes }) => lanes) }
    if (answers.length > mostProbes(count)) throw new Error(`it goes on after ${JSON.stringify(answers)}`)
    answers.push({ lanes: probe.lanes, green: isGreen(probe.lanes) })
  }
}

const pair = (a: number, b: number) => (lanes: LaneSet) => !(lanes.includes(a) && lanes.includes(b))

/** Asks every question at most once, and no more of them than promised. */
function expectBounded(count: number, { asked }: Search): void {
  expect(new Set(asked.map(String)).size).toBe(asked.length)
  expect(asked.length).toBeLessThanOrEqual(mostProbes(count))
}

describe('lanes that are red together', () => {
  it('takes one check when they are green', () => {
    expect(search(26, () => true)).toEqual({ end: { kind: 'green' }, asked: [Array.from({ length: 26 }, (_, n) => n)] })
  })

  it('checks the target alone when no lane is merged', () => {
    expect(search(0, () => true)).toEqual({ end: { kind: 'green' }, asked: [[]] })
    expect(search(0, () => false)).toEqual({ end: { kind: 'target-red' }, asked: [[]] })
  })

  it('finds the pair of two lanes in three checks', () => {
    expect(search(2, pair(0, 1))).toEqual({
      end: { kind: 'guilty', lane: 1, beside: 0 },
      asked: [[0, 1], [0], [1]],
    })
  })

  it('finds in three lanes the one that is broken by the first', () => {
    const found = search(3, lanes => pair(0, 1)(lanes) && pair(0, 2)(lanes))
    expect(found.end).toEqual({ kind: 'guilty', lane: 1, beside: 0 })
    expect(found.asked.length).toBeLessThanOrEqual(5)
  })

  it('asks at most 2 * ceil(log2 n) + 1 times', () => {
    expect([1, 2, 3, 4, 5, 8, 9, 16, 17, 26].map(mostProbes)).toEqual([2, 3, 5, 5, 7, 7, 9, 9, 11, 11])
  })

  it('finds every pair of up to 26 lanes', () => {
    for (const count of [2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 25, 26]) {
      for (let later = 1; later < count; later += 1) {
        for (let earlier = 0; earlier < later; earlier += 1) {
          const found = search(count, pair(earlier, later))
          expect(found.end).toEqual({ kind: 'guilty', lane: later, beside: earlier })
          expectBounded(count, found)
        }
      }
    }
  })

  it('finds every lane that is red without any other, and a red target', () => {
    for (let count = 1; count <= 26; count += 1) {
      for (let lane = 0; lane < count; lane += 1) {
        const found = search(count, lanes => !lanes.includes(lane))
        expect(found.end).toEqual({ kind: 'guilty', lane, beside: null })
        expectBounded(count, found)
      }
      const found = search(count, () => false)
      expect(found.end).toEqual({ kind: 'target-red' })
      expectBounded(count, found)
    }
  })

  it('names of several faults the one that comes first in the merge order', () => {
    const faults = fc
      .tuple(
        fc.integer({ min: 1, max: 26 }),
        fc.array(fc.tuple(fc.nat(25), fc.nat(25)), { minLength: 1, maxLength: 6 }),
      )
      .map(([count, pairs]) => ({ count, pairs: pairs.map(([a, b]) => [a % count, b % count] as const) }))
    fc.assert(
      fc.property(faults, ({ count, pairs }) => {
        const found = search(count, lanes => pairs.every(([a, b]) => pair(a, b)(lanes)))
        const lane = Math.min(...pairs.map(([a, b]) => Math.max(a, b)))
        const partners = pairs.filter(([a, b]) => Math.max(a, b) === lane).map(([a, b]) => Math.min(a, b))
        const first = Math.min(...partners.map(partner => (partners.includes(lane) ? lane : partner)))
        expect(found.end).toEqual({ kind: 'guilty', lane, beside: first === lane ? null : first })
        expectBounded(count, found)
      }),
      { numRuns: 300 },
    )
  })

  it('ends within the bound whatever a flaky check answers, and never calls red lanes green', () => {
    const answers = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 26 }), answers, (count, flips) => {
        const given = flips.values()
        const found = search(count, () => given.next().value ?? false)
        expectBounded(count, found)
        expect(found.end.kind === 'green').toBe(flips[0] === true)
      }),
      { numRuns: 500 },
    )
  })

  const together =
    (...fault: readonly number[]) =>
    (lanes: LaneSet) =>
      !fault.every(lane => lanes.includes(lane))

  it('gives up on a fault of three lanes, of which no two are red', () => {
    expect(search(5, together(0, 1, 2)).end).toEqual({ kind: 'unclear' })
  })

  it('names two of the three when it has no check left', () => {
    expect(search(8, together(0, 2, 5)).end).toEqual({ kind: 'guilty', lane: 5, beside: 2 })
  })

  it('gives up on answers that contradict each other', () => {
    const answers: Answer[] = [
      { lanes: [0, 1, 2], green: true },
      { lanes: [0, 1], green: false },
    ]
    expect(nextProbe(3, answers)).toEqual({ kind: 'unclear' })
  })

  it('uses what is known already', () => {
    const before: Answer[] = [
      { lanes: [0, 1, 2], green: false },
      { lanes: [0], green: true },
      { lanes: [1], green: true },
      { lanes: [0, 1], green: false },
    ]
    expect(nextProbe(3, before)).toEqual({ kind: 'guilty', lane: 1, beside: 0 })
  })
})
