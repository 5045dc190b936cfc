import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ancestry,
  asRanges,
  firstParents,
  type GraphCommit,
  isHostFile,
  madeOnTarget,
  mergeDifference,
  type ReviewedRange,
  squashDifference,
  uncovered,
} from '../../../src/core/judgement/coverage.ts'

/** `c:a,b`: commit c with the parents a and b. */
function graphOf(text: string): readonly GraphCommit[] {
  return text.split(' ').map(word => {
    const [commit = '', parents = ''] = word.split(':')
    return { commit, parents: parents.split(',').filter(Boolean) }
  })
}

function rangesOf(text: string): readonly ReviewedRange[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map(range => {
      const [base = '', head = ''] = range.split('..')
      return { base, head }
    })
}

interface Case {
  readonly graph: string
  readonly tips: string
  readonly given?: string
  readonly reviewed?: string
  readonly accepted?: string
}

function open({ graph, tips, given = '', reviewed = '', accepted = '' }: Case): string {
  const words = (text: string) => text.split(' ').filter(Boolean)
  const evidence = { given: words(given), reviewed: rangesOf(reviewed), accepted: new Set(words(accepted)) }
  return uncovered(graphOf(graph), words(tips), evidence)
    .map(({ commit }) => commit)
    .join(' ')
}

describe('commits without evidence', () => {
  it.each<[string, Case, string]>([
    ['none, where all is reviewed', { graph: 'b:a a:', tips: 'b', reviewed: 'x..b' }, ''],
    ['one behind the approved one', { graph: 'c:b b:a a:', tips: 'c', given: 'a', reviewed: 'a..b' }, 'c'],
    [
      'one that both lanes have: they do not vouch for each other',
      { graph: 'w:r r:b b:a a:', tips: 'r w', given: 'a', reviewed: 'a..b r..w' },
      'r',
    ],
    [
      'one that came by a merge, and the merge itself',
      { graph: 'w:m m:l,r l:a r:b b:a a:', tips: 'w r', given: 'a', reviewed: 'a..b m..w' },
      'm l r',
    ],
    ['none that the range of another brought', { graph: 'w:r r:a a:', tips: 'r w', given: 'a', reviewed: 'a..w' }, ''],
    [
      'what only the base of a range has: it was not shown',
      { graph: 'h:p b:p p:a a:', tips: 'h', given: 'a', reviewed: 'b..h' },
      'p',
    ],
    ['none that a person vouches for, nor what is before it', { graph: 'c:b b:a a:', tips: 'c', given: 'c' }, ''],
    ['not what was found to be the host’s', { graph: 'c:b b:a a:', tips: 'c', given: 'a', accepted: 'b' }, 'c'],
    ['nothing of what no tip has', { graph: 'c:a b:a a:', tips: 'c', given: 'a', reviewed: 'a..c' }, ''],
    ['all, where there is no evidence', { graph: 'b:a a:', tips: 'b' }, 'b a'],
  ])('%s', (_, given, expected) => {
    expect(open(given)).toBe(expected)
  })

  it('of any mission: exactly those that were added where no reviewer looked', () => {
    fc.assert(
      fc.property(missions, acts => {
        const { graph, tips, reviewed, unseen } = play(acts)
        const found = uncovered(graph, tips, { given: ['start'], reviewed, accepted: new Set() })
        const merges = new Set(graph.filter(({ parents }) => parents.length > 1).map(({ commit }) => commit))
        const reachable = ancestry(graph)(tips)
        const open = found.map(({ commit }) => commit).filter(commit => !merges.has(commit))
        expect(open.toSorted()).toEqual([...unseen].filter(commit => reachable.has(commit)).toSorted())
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('commits as ranges', () => {
  it.each([
    ['one line is one range', 'c:b b:a', 'a..c'],
    ['two lines are two', 'c:b b:a y:x x:w', 'a..c w..y'],
    ['a merge is with what it brought', 'm:l,r r:q l:k', 'k..m'],
    ['a line beside a commit that is in no range', 'd:c b:a', 'c..d a..b'],
    ['what has nothing before it is in none', 'b:a a:', ''],
  ])('%s', (_, graph, expected) => {
    expect(
      asRanges(graphOf(graph))
        .map(({ base, head }) => `${base}..${head}`)
        .join(' '),
    ).toBe(expected)
  })
})

interface Act {
  readonly kind: 'work' | 'intrude' | 'depend'
  readonly lane: number
  readonly other: number
  readonly commits: number
}

const missions = fc.array(
  fc.record({
    kind: fc.constantFrom<Act['kind']>('work', 'work', 'intrude', 'depend'),
    lane: fc.nat(3),
    other: fc.nat(3),
    commits: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 14 },
)

/** Lanes in which work is done and reviewed, others commit in between, and the host merges one lane into the other. */
function play(acts: readonly Act[]) {
  const graph: GraphCommit[] = [{ commit: 'start', parents: [] }]
  const heads = ['start', 'start', 'start', 'start']
  const reviewed: ReviewedRange[] = []
  const unseen = new Set<string>()
  const commit = (lane: number, more: readonly string[] = []): string => {
    const made = `c${graph.length}`
    graph.unshift({ commit: made, parents: [heads[lane] ?? '', ...more] })
    heads[lane] = made
    return made
  }
  for (const { kind, lane, other, commits } of acts) {
    const base = heads[lane] ?? ''
    if (kind === 'depend' && heads[other] !== base) commit(lane, [heads[other] ?? ''])
    if (kind === 'intrude') for (let n = 0; n < commits; n++) unseen.add(commit(lane))
    if (kind !== 'work') continue
    for (let n = 0; n < commits; n++) commit(lane)
    reviewed.push({ base, head: heads[lane] ?? '' })
  }
  return { graph, tips: heads, reviewed, unseen }
}

it.each([
  ['d', 'd c a'],
  ['b', 'b a'],
  ['x', ''],
])('the first-parent history of %s is %j', (tip, line) => {
  expect(firstParents(graphOf('d:c,b c:a b:a a:'), tip).join(' ')).toBe(line)
})

describe('commits made on the target itself', () => {
  it.each([
    ['what a person and the host committed there', 'w2:w1 w1:b b: l:b', 'w2', 'l', 'w1 w2'],
    ['not a lane that someone merged there', 'm:w1,l w1:b l:b b:', 'm', 'l', 'm w1'],
    ['not a lane to which someone moved it', 'l2:l1 l1:b b:', 'l2', 'l2', ''],
    ['what was merged into a lane from there', 'l2:l1,w1 l1:b w1:b b:', 'w1', 'l2', 'w1'],
    ['a branch of their own that a person merged there', 'm:w,f w:b f:b b: l:b', 'm', 'l', 'f m w'],
    ['nothing that a lane took from elsewhere', 'm:w1,l2 w1:b l2:l1,f l1:b f:b b:', 'm', 'l2', 'm w1'],
    ['what a lane grew from', 'l2:w1 w1:b b:', 'w1', 'l2', 'w1'],
  ])('%s', (_, graph, target, lane, expected) => {
    const commits = graphOf(graph)
    const from = graph.includes('l2:w1') ? 'w1' : 'b'
    const own = madeOnTarget(commits, target, [{ tip: lane, from }])
    expect([...own].filter(commit => commit !== 'b').toSorted()).toEqual(expected.split(' ').filter(Boolean))
  })
})

describe('a merge', () => {
  const changes = (text: string) =>
    new Map(
      text
        .split(' ')
        .filter(Boolean)
        .map(word => {
          const [path = '', content = ''] = word.split('=')
          return [path, content] as const
        }),
    )

  it.each([
    ['of two sides that touch nothing in common', 'a=1', 'b=2', 'a=1 b=2', ''],
    ['in which a side was dropped', 'a=1', 'b=2', 'a=1', 'b'],
    ['in which something was added', 'a=1', 'b=2', 'a=1 b=2 c=3', 'c'],
    ['in which one file has what neither side has', 'a=1', 'b=2', 'a=1 b=9', 'b'],
    ['of two sides that agree', 'a=1', 'a=1', 'a=1', ''],
    ['of two sides that both changed a file', 'a=1', 'a=2', 'a=2', 'a'],
    ['of two sides that both changed a file, as the other one has it', 'a=1', 'a=2', 'a=1', 'a'],
    ['that removes what one side removed', 'a=', '', 'a=', ''],
    ['that keeps what one side removed', 'a=', '', '', 'a'],
  ])('%s', (_, ours, theirs, merged, expected) => {
    expect(mergeDifference(changes(ours), changes(theirs), changes(merged)).join(' ')).toBe(expected)
  })

  it.each([
    ['has what the lanes have', ['a=1', 'b=2'], 'a=1 b=2', ''],
    ['has more than the lanes', ['a=1'], 'a=1 b=2', 'b'],
    ['has less than a lane', ['a=1', 'b=2'], 'a=1', 'b'],
    ['has what the later of two lanes made of a file', ['a=1', 'a=2'], 'a=2', ''],
    ['has of a file what neither lane has', ['a=1', 'a=2'], 'a=3', 'a'],
  ])('squashed %s', (_, lanes, made, expected) => {
    expect(squashDifference(lanes.map(changes), changes(made)).join(' ')).toBe(expected)
  })
})

it.each([
  ['kitty-specs/m/status.events.jsonl', true],
  ['kitty-specs/m/status.json', true],
  ['kitty-specs/m/spec.md', false],
  ['kitty-specs/m/tasks/WP01.md', false],
  ['kitty-specs/other/status.json', false],
  ['src/kitty-specs/m/status.json', false],
  ['kitty-specs/m/x/status.json', false],
])('%s is the host’s own: %s', (path, expected) => {
  expect(isHostFile(path, 'm')).toBe(expected)
})
