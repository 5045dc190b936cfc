import { describe, expect, it } from 'vitest'
import {
  changesIn,
  type GraphNode,
  graphChange,
  graphKey,
  graphProblems,
  remainingChains,
  withDependencies,
} from '../../../src/core/mission/graph.ts'
import { planOf } from '../../../src/core/mission/plan.ts'
import { laneId, node, wp } from '../samples.ts'

const diamond = [
  node('WP01', 'planned'),
  node('WP02', 'planned', 'WP01'),
  node('WP03', 'planned', 'WP01'),
  node('WP04', 'planned', 'WP02', 'WP03'),
]

function chain(length: number): readonly GraphNode[] {
  const id = (index: number) => `WP${String(index).padStart(5, '0')}`
  return Array.from({ length }, (_, index) => node(id(index), 'planned', ...(index > 0 ? [id(index - 1)] : [])))
}

/** Each waits for both of the two before it: the ways from the first to the last double with every step. */
function ladder(length: number): readonly GraphNode[] {
  const id = (index: number) => `WP${String(index).padStart(3, '0')}`
  return Array.from({ length }, (_, index) =>
    node(id(index), 'planned', ...[index - 2, index - 1].filter(i => i >= 0).map(id)),
  )
}

describe('graphProblems', () => {
  it.each([
    ['a diamond', diamond, []],
    ['nothing', [], []],
    [
      'an unknown dependency',
      [node('WP01', 'planned', 'WP09')],
      [{ kind: 'unknown-dependency', wpId: 'WP01', dependency: 'WP09' }],
    ],
    ['one that waits for itself', [node('WP01', 'planned', 'WP01')], [{ kind: 'cycle', path: ['WP01', 'WP01'] }]],
    [
      'a circle behind a tail',
      [
        node('WP01', 'planned', 'WP02'),
        node('WP02', 'planned', 'WP03'),
        node('WP03', 'planned', 'WP04'),
        node('WP04', 'planned', 'WP02'),
      ],
      [{ kind: 'cycle', path: ['WP02', 'WP03', 'WP04', 'WP02'] }],
    ],
    ['two ways to one WP, which is no circle', [...diamond, node('WP05', 'planned', 'WP04', 'WP01')], []],
    [
      'a circle and an unknown dependency',
      [node('WP01', 'planned', 'WP02', 'WP09'), node('WP02', 'planned', 'WP01')],
      [
        { kind: 'unknown-dependency', wpId: 'WP01', dependency: 'WP09' },
        { kind: 'cycle', path: ['WP01', 'WP02', 'WP01'] },
      ],
    ],
  ])('%s', (_, nodes, expected) => {
    expect(graphProblems(nodes)).toEqual(expected)
  })

  it('names a circle that really is one, wherever it is entered', () => {
    const nodes = [
      ...chain(50),
      node('WP90', 'planned', 'WP91'),
      node('WP91', 'planned', 'WP92'),
      node('WP92', 'planned', 'WP90'),
    ]
    const [problem] = graphProblems(nodes)
    const path = problem?.kind === 'cycle' ? problem.path : []
    expect(path).toHaveLength(4)
    expect(path[0]).toBe(path.at(-1))
  })

  it('bears a chain of 5,000, in both directions, and the circle it becomes', () => {
    const long = chain(5_000)
    expect(graphProblems(long)).toEqual([])
    expect(graphProblems(long.toReversed())).toEqual([])
    const [first, ...others] = long
    const closed = [...others, node(first?.wpId ?? '', 'planned', long.at(-1)?.wpId ?? '')]
    expect(graphProblems(closed)).toMatchObject([{ kind: 'cycle', path: { length: 5_001 } }])
  })
})

describe('graphKey', () => {
  const [one, two] = [node('WP01', 'planned', 'WP02', 'WP03'), node('WP02', 'planned')]
  it.each<[string, readonly GraphNode[], boolean]>([
    ['in another order', [two, node('WP01', 'planned', 'WP03', 'WP02')], true],
    ['in other lanes', [node('WP01', 'done', 'WP02', 'WP03'), node('WP02', 'approved')], true],
    ['without a dependency', [node('WP01', 'planned', 'WP02'), two], false],
    ['without one of them', [one], false],
  ])('is the same for the same work packages %s: %s', (_, nodes, same) => {
    expect(graphKey(nodes) === graphKey([one, two])).toBe(same)
  })
})

describe('graphChange', () => {
  const [one, two, three] = [node('WP01', 'planned'), node('WP02', 'planned', 'WP01'), node('WP03', 'planned')]
  const none = { added: [], removed: [], changed: [] }
  it.each<[string, readonly GraphNode[], object, string]>([
    ['nothing', [one, two, three], none, ''],
    ['nothing, in another order and lane', [three, node('WP02', 'done', 'WP01'), one], none, ''],
    [
      'new ones',
      [one, two, three, node('WP04', 'planned', 'WP01'), node('WP05', 'planned')],
      { ...none, added: ['WP04', 'WP05'] },
      'new: WP04, WP05',
    ],
    ['ones that are gone', [two], { ...none, removed: ['WP01', 'WP03'] }, 'gone: WP01, WP03'],
    [
      'other dependencies',
      [one, node('WP02', 'planned'), node('WP03', 'planned', 'WP01')],
      { ...none, changed: ['WP02', 'WP03'] },
      'dependencies changed: WP02, WP03',
    ],
    [
      'all of it',
      [node('WP01', 'planned', 'WP04'), two, node('WP04', 'planned')],
      { added: ['WP04'], removed: ['WP03'], changed: ['WP01'] },
      'new: WP04; gone: WP03; dependencies changed: WP01',
    ],
  ])('finds %s', (_, after, change, words) => {
    const found = graphChange([one, two, three], after)
    expect(found).toEqual(change)
    expect(changesIn(found)).toBe(words)
  })
})

describe('remainingChains', () => {
  it.each([
    ['a diamond', diamond, [3, 2, 2, 1]],
    ['with its beginning done', [node('WP01', 'done'), ...diamond.slice(1)], [2, 2, 2, 1]],
    ['with a dependency named twice', [node('WP01', 'planned'), node('WP02', 'planned', 'WP01', 'WP01')], [2, 1]],
    ['with the last one first', chain(4).toReversed(), [4, 3, 2, 1]],
    ['with nothing left', [node('WP01', 'approved')], [0]],
  ])('%s', (_, nodes, expected) => {
    expect([...remainingChains(nodes).entries()].toSorted().map(([, length]) => length)).toEqual(expected)
  })

  it('is known of all where a dependency is not', () => {
    const nodes = [node('WP01', 'planned'), node('WP02', 'planned', 'WP01'), node('WP03', 'planned', 'WP09')]
    expect(remainingChains(nodes)).toEqual(
      new Map([
        [wp('WP03'), 1],
        [wp('WP02'), 1],
        [wp('WP01'), 2],
      ]),
    )
  })

  it('bears a chain of 5,000', () => {
    expect(remainingChains(chain(5_000)).get(wp('WP00000'))).toBe(5_000)
  })
})

describe('withDependencies', () => {
  it.each([
    [['WP02'], ['WP01', 'WP02']],
    [['WP04'], ['WP01', 'WP02', 'WP03', 'WP04']],
    [['WP01', 'WP01'], ['WP01']],
    [[], []],
    [['WP77'], ['WP77']],
  ])('%j needs %j', (wanted, expected) => {
    expect([...withDependencies(diamond, wanted.map(wp))].toSorted()).toEqual(expected)
  })
})

it('takes no longer for a graph of many ways', () => {
  const many = ladder(100)
  expect(graphProblems(many)).toEqual([])
  expect(remainingChains(many).get(wp('WP000'))).toBe(100)
  expect(withDependencies(many, [wp('WP099')]).size).toBe(100)
})

describe('planOf', () => {
  it('orders by waves, the longest chain first, and names the critical path', () => {
    const nodes = [node('WP05', 'planned'), node('WP06', 'done'), ...diamond, node('WP07', 'for_review', 'WP06')]
    const { workPackages, criticalPath } = planOf(nodes, new Map([[wp('WP01'), laneId('lane-a')]]))
    expect(workPackages.map(({ wpId, wave }) => `${wave} ${wpId}`)).toEqual([
      '0 WP06',
      '1 WP01',
      '1 WP05',
      '1 WP07',
      '2 WP02',
      '2 WP03',
      '3 WP04',
    ])
    expect(criticalPath).toEqual(['WP01', 'WP02', 'WP04'])
    expect(workPackages.find(({ wpId }) => wpId === 'WP04')?.waitsFor).toBe('WP02, WP03')
    expect(workPackages.find(({ wpId }) => wpId === 'WP07')?.waitsFor).toBeNull()
    expect(workPackages.map(({ laneId }) => laneId).filter(Boolean)).toEqual(['lane-a'])
  })

  it('says what one waits for, and leaves out what is finished', () => {
    const nodes = [
      node('WP06', 'planned', 'WP99'),
      node('WP05', 'planned', 'WP01', 'WP03', 'WP99'),
      node('WP04', 'in_progress', 'WP03'),
      node('WP03', 'planned', 'WP01'),
      node('WP02', 'planned'),
      node('WP01', 'done'),
      node('WP07', 'for_review', 'WP03'),
    ]
    const { workPackages, criticalPath } = planOf(nodes, new Map())
    expect(workPackages.map(({ wpId, wave, waitsFor }) => [wpId, wave, waitsFor])).toEqual([
      ['WP01', 0, null],
      ['WP05', 0, 'WP03, WP99'],
      ['WP06', 0, 'WP99'],
      ['WP03', 1, null],
      ['WP02', 1, null],
      ['WP04', 2, 'WP03'],
      ['WP07', 2, null],
    ])
    expect(criticalPath).toEqual(['WP03', 'WP05'])
  })

  it('begins its critical path with what is not finished', () => {
    expect(planOf([node('WP01', 'done'), node('WP02', 'planned', 'WP01')], new Map()).criticalPath).toEqual(['WP02'])
  })

  it('bears a chain of 1,000', () => {
    const { criticalPath, workPackages } = planOf(chain(1_000), new Map())
    expect(criticalPath).toHaveLength(1_000)
    expect(workPackages.at(-1)?.wave).toBe(1_000)
  })
})
