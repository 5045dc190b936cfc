import fc from 'fast-check'
import type { GraphCommit } from '../../../src/core/judgement/coverage.ts'
import type { ReviewRecord } from '../../../src/core/record/review-record.ts'
import { recordOf } from './record-of.ts'

/** What happens in a mission, in a form from which everything else follows. */
export interface Act {
  readonly kind:
    | 'work'
    | 'rejected'
    | 'intrude'
    | 'status-in-lane'
    | 'pick'
    | 'empty'
    | 'host'
    | 'person-on-target'
    | 'host-on-target'
    | 'depend'
    | 'depend-oddly'
    | 'confirm'
    | 'reset'
  readonly lane: number
  readonly other: number
  readonly commits: number
}

const kinds: readonly Act['kind'][] = [
  ...(['work', 'work', 'work', 'work', 'host', 'host', 'depend', 'empty', 'host-on-target', 'confirm'] as const),
  ...(['rejected', 'intrude', 'status-in-lane', 'pick', 'person-on-target', 'depend-oddly', 'reset'] as const),
]
const tidyKinds: ReadonlySet<string> = new Set(kinds.slice(0, 10))

const endings = ['merge', 'squash', 'rebase', 'merge-oddly', 'lanes-at-once', 'squash-oddly'] as const
const tidyEndings: ReadonlySet<string> = new Set(endings.slice(0, 3))

export const missions = fc.record({
  acts: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      lane: fc.nat(2),
      other: fc.nat(2),
      commits: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 14 },
  ),
  /** The lanes begin at the host's own branch, or at the target. */
  coord: fc.boolean(),
  /** A lane of a work package that was approved before the run. */
  given: fc.boolean(),
  ending: fc.constantFrom(...endings),
  /** Without the acts and endings that leave something uncovered. */
  tidy: fc.boolean(),
  /** A commit of another on the target before or after the merge. */
  extra: fc.constantFrom('none', 'none', 'before', 'after'),
})

type Mission = typeof missions extends fc.Arbitrary<infer T> ? T : never

export interface History {
  /** Children first, without the base `start`. */
  readonly graph: readonly GraphCommit[]
  readonly head: string
  readonly record: ReviewRecord
  readonly files: ReadonlyMap<string, readonly string[]>
  /** Where the squash or the rebase differs from its lanes. */
  readonly difference: readonly string[]
  /** The truth: commits of the range, and of the lanes of a squash, for which nothing speaks. */
  readonly uncovered: ReadonlySet<string>
  readonly range: ReadonlySet<string>
}

const statusFile = 'kitty-specs/m/status.json'

interface Branch {
  head: string
  has: ReadonlySet<string>
}

interface Shown {
  readonly lane: number
  readonly base: string
  readonly head: string
  readonly commits: ReadonlySet<string>
  readonly approved: boolean
}

/** Plays a mission. What each branch has is kept as a set, so that the truth does not come from walking a graph. */
export function play(mission: Mission): History {
  const { tidy, acts, ending } = mission
  if (!tidy) return playAll(mission)
  const most = { given: false, extra: 'none', ending: tidyEndings.has(ending) ? ending : 'merge' } as const
  return playAll({ ...mission, ...most, acts: acts.filter(({ kind }) => tidyKinds.has(kind)) })
}

function playAll({ acts, coord, given, ending, extra }: Mission): History {
  const graph: GraphCommit[] = []
  const files = new Map<string, readonly string[]>()
  /** Neither an own file nor a difference of these speaks against them. */
  const fine = new Set<string>()
  const at = (): Branch => ({ head: 'start', has: new Set() })
  const [target, mission] = [at(), at()]
  const lanes: (Branch | null)[] = [null, null, null]
  const shown: Shown[] = []
  const confirmed: { readonly commit: string; readonly commits: ReadonlySet<string>; readonly lane: number }[] = []

  const commit = (
    branch: Branch,
    changed: readonly string[],
    isFine: boolean,
    more: readonly Branch[] = [],
  ): string => {
    const made = `c${graph.length + 1}`
    graph.unshift({ commit: made, parents: [branch.head, ...more.map(({ head }) => head)] })
    files.set(made, changed)
    if (isFine || changed.length === 0) fine.add(made)
    branch.has = new Set([...branch.has, ...more.flatMap(({ has }) => [...has]), made])
    branch.head = made
    return made
  }
  const code = () => [`src/${graph.length + 1}.ts`]
  const laneOf = (n: number): Branch => {
    const lane = lanes[n] ?? (coord ? { ...mission } : at())
    lanes[n] = lane
    return lane
  }
  const review = (n: number, commits: number, approved: boolean) => {
    const lane = laneOf(n)
    const base = { ...lane }
    for (let count = 0; count < commits; count += 1) {
      // What a reviewer is shown may have anything in it.
      commit(lane, count === 1 ? [statusFile] : code(), false)
    }
    const own = [...lane.has].filter(id => !base.has.has(id))
    shown.push({ lane: n, base: base.head, head: lane.head, commits: new Set(own), approved })
  }
  for (const { kind, lane: n, other, commits } of acts) {
    if (kind === 'host') commit(mission, [statusFile], true)
    else if (kind === 'host-on-target') commit(target, [statusFile], true)
    else if (kind === 'person-on-target') commit(target, code(), false)
    else if (kind === 'work' || kind === 'rejected') review(n, commits, kind === 'work')
    // The rest happens in a lane that is at work: before the first review, its commits would be shown.
    else if (!shown.some(({ lane, approved }) => lane === n && approved)) continue
    else if (kind === 'intrude') commit(laneOf(n), code(), false)
    else if (kind === 'status-in-lane') commit(laneOf(n), [statusFile], false)
    else if (kind === 'pick') commit(laneOf(n), files.get(laneOf(other).head) ?? code(), false)
    else if (kind === 'empty') commit(laneOf(n), [], true)
    else if (kind === 'depend' && other !== n) commit(laneOf(n), [], true, [laneOf(other)])
    else if (kind === 'depend-oddly' && other !== n) commit(laneOf(n), code(), false, [laneOf(other)])
    else if (kind === 'confirm') confirmed.push({ lane: n, commit: laneOf(n).head, commits: laneOf(n).has })
    else if (kind === 'reset') {
      // Back by a commit, so that what was approved is no longer there as a whole.
      const lane = laneOf(n)
      const [parent = 'start', ...more] = graph.find(({ commit: id }) => id === lane.head)?.parents ?? []
      const isInReview = shown.find(({ lane: of }) => of === n)?.commits.has(parent) === true
      if (!isInReview || more.length > 0) continue
      lane.has = new Set([...lane.has].filter(id => id !== lane.head))
      lane.head = parent
    }
  }
  const givenLane = given ? (coord ? { ...mission } : at()) : null
  if (givenLane) commit(givenLane, code(), false)
  const merged = [
    ...lanes.flatMap((lane, n) => (lane ? [{ n, lane }] : [])),
    ...(givenLane ? [{ n: 9, lane: givenLane }] : []),
  ]

  if (extra === 'before') commit(target, code(), false)
  const startOfMerge = { ...target }
  const heads = merged.map(({ n, lane }) => ({ n, head: lane.head, has: lane.has }))
  const members: string[] = []
  let difference: readonly string[] = []
  if (ending === 'merge' || ending === 'merge-oddly') {
    for (const { lane } of merged) commit(mission, [], true, [lane])
    commit(target, ending === 'merge' ? [] : code(), ending === 'merge', [mission])
  } else if (ending === 'lanes-at-once') {
    commit(
      target,
      ['src/all.ts'],
      false,
      merged.map(({ lane }) => lane),
    )
  } else {
    const count = ending === 'rebase' ? 3 : 1
    for (let n = 0; n < count; n += 1) members.push(commit(target, code(), false))
    if (ending === 'squash-oddly') difference = files.get(members[0] ?? '') ?? []
  }
  const strategy = members.length === 0 ? 'merge' : ending === 'rebase' ? 'rebase' : 'squash'
  const after = target.head
  commit(target, [statusFile], true)
  if (extra === 'after') commit(target, code(), false)

  const isMove = members.length > 0
  const ofLanes = new Set(isMove ? heads.flatMap(({ has }) => [...has]) : [])
  const all = new Set([...target.has, ...ofLanes])
  const covered = new Set(fine)
  for (const { head, commits, approved } of shown) {
    if (approved && all.has(head)) for (const id of commits) covered.add(id)
  }
  for (const { commit: id, commits } of confirmed) if (all.has(id)) for (const other of commits) covered.add(other)
  const lanesAreCovered = heads.every(({ has }) => [...has].every(id => startOfMerge.has.has(id) || covered.has(id)))
  if (isMove && lanesAreCovered && difference.length === 0) for (const id of members) covered.add(id)
  return {
    graph,
    head: target.head,
    files,
    difference,
    range: target.has,
    uncovered: new Set([...all].filter(id => !covered.has(id))),
    record: recordOf({
      before: startOfMerge.head,
      after,
      strategy,
      lanes: heads.map(({ n, head }) => ({ head, workPackages: [`WP0${n}`] })),
      judgements: shown.map(({ lane, base, head, approved }) => ({
        workPackage: `WP0${lane}`,
        ranges: [{ base, head }],
        verdict: approved ? 'approved' : 'changes_requested',
      })),
      confirmations: confirmed.map(({ lane, commit: id }) => ({ workPackage: `WP0${lane}`, commit: id })),
      given: givenLane ? [{ workPackage: 'WP09', head: givenLane.head }] : [],
    }),
  }
}
