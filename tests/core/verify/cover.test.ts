import { describe, expect, it } from 'vitest'
import type { GraphCommit } from '../../../src/core/judgement/coverage.ts'
import type { ReviewRecord } from '../../../src/core/record/review-record.ts'
import { inWords } from '../../../src/core/verify/counts.ts'
import { beginCover, coverAlone } from '../../../src/core/verify/cover.ts'
import { commitsNamed, evidenceOf } from '../../../src/core/verify/evidence.ts'
import { finishCover, openMoves } from '../../../src/core/verify/moves.ts'
import { isAbout, type StoredRecord, usable } from '../../../src/core/verify/stored-record.ts'
import { recordOf } from './record-of.ts'

/** `c:a,b`: commit c with the parents a and b; children first. */
function graphOf(text: string): readonly GraphCommit[] {
  return text.split(' ').map(word => {
    const [commit = '', parents = ''] = word.split(':')
    return { commit, parents: parents.split(',').filter(Boolean) }
  })
}

const status = 'kitty-specs/m/status.json'

interface Case {
  readonly graph: string
  readonly record: ReviewRecord
  /** Of each commit; a commit that is not named changes a file with its own name, and a merge has none. */
  readonly files?: Readonly<Record<string, readonly string[]>>
  /** Of the move to each commit. */
  readonly difference?: Readonly<Record<string, readonly string[]>>
  /** Commits that git does not have. */
  readonly missing?: readonly string[]
}

/** The first commit of the graph is the head of the range. */
function coversOf({ graph: text, record, files = {}, difference = {}, missing = [] }: Case) {
  const graph = graphOf(text)
  const evidence = evidenceOf([record], commit => !missing.includes(commit))
  const begun = beginCover(graph, graph[0]?.commit ?? '', evidence)
  const merges = new Set(graph.filter(({ parents }) => parents.length > 1).map(({ commit }) => commit))
  const alone = coverAlone(begun, commit => files[commit] ?? (merges.has(commit) ? [] : [`${commit}.ts`]))
  const moves = openMoves(begun, alone)
  const compared = moves.map(move => ({ ...move, odd: difference[move.after] ?? [] }))
  const { range, ofLanes } = finishCover(begun, alone, compared)
  const shown = [...range, ...ofLanes].map(({ commit, cover }) => {
    if (cover.kind !== 'none') return `${commit}:${cover.kind}`
    return `${commit}:NOT(${cover.files.join(',')})${cover.given === null ? '' : `given ${cover.given}`}`
  })
  return { shown: shown.join(' '), range, moves }
}

const judged = (range: string, workPackage = 'WP01') => {
  const [base = '', head = ''] = range.split('..')
  return { workPackage, ranges: [{ base, head }] }
}
const lane = (head: string, ...workPackages: readonly string[]) => ({ head, workPackages })

describe('the cover of a commit', () => {
  it.each<[string, Case, string]>([
    [
      'judged, merged and the host’s',
      {
        graph: 'h:m m:start,b b:a a:start',
        record: recordOf({ after: 'm', judgements: [judged('start..b')], lanes: [lane('b', 'WP01')] }),
        files: { h: [status] },
      },
      'h:host m:merge b:judged a:judged',
    ],
    [
      'nothing of a range that was rejected',
      {
        graph: 'm:start,a a:start',
        record: recordOf({ after: 'm', judgements: [{ ...judged('start..a'), verdict: 'changes_requested' }] }),
      },
      'm:merge a:NOT(a.ts)',
    ],
    [
      'nothing where the end of the range is missing',
      { graph: 'a:start', record: recordOf({ after: 'a', judgements: [judged('old..a')] }), missing: ['old'] },
      'a:NOT(a.ts)',
    ],
    [
      'nothing of a part of what was approved',
      { graph: 'a:start b:a', record: recordOf({ after: 'a', judgements: [judged('start..b')] }) },
      'a:NOT(a.ts)',
    ],
    [
      'by the word of a person, with what is before it',
      {
        graph: 'c:b b:a a:start',
        record: recordOf({ after: 'c', confirmations: [{ workPackage: 'WP01', commit: 'b' }] }),
      },
      'c:NOT(c.ts) b:confirmed a:confirmed',
    ],
    [
      'not by the word of a person about a commit that is elsewhere',
      { graph: 'a:start b:a', record: recordOf({ after: 'a', confirmations: [{ workPackage: 'WP01', commit: 'b' }] }) },
      'a:NOT(a.ts)',
    ],
    [
      'none, and was there before the run',
      { graph: 'b:a a:start', record: recordOf({ after: 'b', given: [{ workPackage: 'WP03', head: 'a' }] }) },
      'b:NOT(b.ts) a:NOT(a.ts)given WP03',
    ],
    [
      'of a merge with something of its own, of an empty commit, of a merge in which only the host is odd',
      { graph: 'n:e,x e:m x:start m:start,y y:start', record: recordOf({ after: 'n' }), files: { m: ['own'], e: [] } },
      'n:merge e:empty x:NOT(x.ts) m:NOT(own) y:NOT(y.ts)',
    ],
    [
      'not the host’s with another file, or of another mission',
      {
        graph: 'b:a a:start',
        record: recordOf({ after: 'b' }),
        files: { b: [status, 'x'], a: ['kitty-specs/other/status.json'] },
      },
      `b:NOT(${status},x) a:NOT(kitty-specs/other/status.json)`,
    ],
  ])('%s', (_, given, expected) => {
    expect(coversOf(given).shown).toBe(expected)
  })

  it.each<[string, Case, string]>([
    [
      'below the first review: the host’s',
      {
        graph: 'm:start,b b:a a:o o:start',
        record: recordOf({ after: 'm', judgements: [judged('o..b')], lanes: [lane('b', 'WP01')] }),
        files: { o: [status] },
      },
      'm:merge b:judged a:judged o:host',
    ],
    [
      'behind what was approved: an agent’s',
      {
        graph: 'm:start,b b:a a:o o:start',
        record: recordOf({ after: 'm', judgements: [judged('o..a')], lanes: [lane('b', 'WP01')] }),
        files: { o: [status], b: [status] },
      },
      `m:merge b:NOT(${status}) a:judged o:host`,
    ],
    [
      'between two reviews in one lane, the first of which started at the base of the range',
      {
        graph: 'm:start,c c:b b:a a:start',
        record: recordOf({
          after: 'm',
          judgements: [judged('start..a'), judged('b..c', 'WP02')],
          lanes: [lane('c', 'WP01', 'WP02')],
        }),
        files: { b: [status] },
      },
      `m:merge c:judged b:NOT(${status}) a:judged`,
    ],
    [
      'in a lane that a rebase took off its base',
      {
        graph: 'm:start,b b:x x:o y:o o:start',
        record: recordOf({ after: 'm', judgements: [judged('y..b')], lanes: [lane('b', 'WP01')] }),
        files: { o: [status], x: [status] },
      },
      'm:merge b:judged x:judged o:host',
    ],
    [
      'in a lane that a rebase took off its base, to where the host has recorded more',
      {
        graph: 'm:start,b b:x x:o y:o o:p p:q q:start',
        record: recordOf({ after: 'm', judgements: [judged('y..x')], lanes: [lane('b', 'WP01')] }),
        files: { o: [status], p: [status], q: [status], b: [status] },
      },
      `m:merge b:NOT(${status}) x:judged o:host p:host q:host`,
    ],
    [
      'in a lane of which nothing is known below',
      {
        graph: 'm:start,b b:a a:start',
        record: recordOf({ after: 'm', judgements: [judged('old..gone')], lanes: [lane('b', 'WP01')] }),
        files: { a: [status], b: [status] },
        missing: ['old', 'gone'],
      },
      `m:merge b:NOT(${status}) a:NOT(${status})`,
    ],
    [
      'in a lane without a review: above its first commit that cannot be the host’s',
      {
        graph: 'm:start,c c:b b:a a:start',
        record: recordOf({ after: 'm', lanes: [lane('c', 'WP01')] }),
        files: { a: [status], c: [status] },
      },
      `m:merge c:NOT(${status}) b:NOT(b.ts) a:host`,
    ],
    [
      'in a lane that has only what the host has made',
      {
        graph: 'm:start,a a:start',
        record: recordOf({ after: 'm', lanes: [lane('a', 'WP01')] }),
        files: { a: [status] },
      },
      'm:merge a:host',
    ],
  ])('with files of the host %s', (_, given, expected) => {
    expect(coversOf(given).shown).toBe(expected)
  })
})

describe('a target that was moved', () => {
  const lanes = [lane('a', 'WP01'), lane('b', 'WP02')]
  const judgements = [judged('start..a'), judged('start..b', 'WP02')]
  const moved = (strategy: ReviewRecord['target']['strategy'], after: string, more = {}) =>
    recordOf({ after, strategy, lanes, judgements, ...more })

  it.each<[string, Case, string]>([
    ['by a squash', { graph: 's:start a:start b:start', record: moved('squash', 's') }, 's:squash a:judged b:judged'],
    [
      'by a rebase, with the host’s own between',
      { graph: 's:h h:r r:start a:start b:start', record: moved('rebase', 's'), files: { h: [status] } },
      's:rebase h:host r:rebase a:judged b:judged',
    ],
    [
      'in a way that is not known',
      { graph: 's:r r:start a:start b:start', record: moved(null, 's') },
      's:rebase r:rebase a:judged b:judged',
    ],
    [
      'by a squash, with a commit that another added before and one after it',
      { graph: 'y:s s:x x:start a:start b:start', record: moved('squash', 's'), difference: { x: ['x.ts'] } },
      'y:NOT(y.ts) s:squash x:NOT(x.ts) a:judged b:judged',
    ],
    [
      'without something that the lanes have',
      { graph: 's:r r:start a:start b:start', record: moved('rebase', 's'), difference: { s: ['gone.ts', 'r.ts'] } },
      's:NOT(gone.ts) r:NOT(r.ts,gone.ts) a:judged b:judged',
    ],
    [
      'with a lane of which a commit was not judged',
      {
        graph: 's:start a:start b:x x:start',
        record: moved('squash', 's', { judgements: [judged('start..a'), judged('x..b')] }),
      },
      's:NOT(s.ts) a:judged b:judged x:NOT(x.ts)',
    ],
    [
      'to a commit that is not in the range',
      { graph: 'h:start s:start a:start b:start', record: moved('squash', 's') },
      'h:NOT(h.ts)',
    ],
    [
      'by merges, although the record says squash',
      { graph: 's:m m:start,a a:start b:start', record: moved('squash', 's') },
      's:NOT(s.ts) m:merge a:judged b:judged',
    ],
    [
      'from a commit that is not on its line',
      { graph: 's:start a:start b:start other:start', record: moved('squash', 's', { before: 'other' }) },
      's:NOT(s.ts) a:judged b:judged',
    ],
    [
      'from a commit on its line',
      { graph: 's:p p:start a:start b:start', record: moved('squash', 's', { before: 'p' }) },
      's:squash p:NOT(p.ts) a:judged b:judged',
    ],
    [
      'from nowhere that is known',
      { graph: 's:start a:start b:start', record: moved('squash', 's', { before: null }) },
      's:NOT(s.ts)',
    ],
    [
      'with a lane that is missing',
      { graph: 's:start a:start', record: moved('squash', 's'), missing: ['b'] },
      's:NOT(s.ts)',
    ],
    [
      'by a merge: each commit stands alone',
      { graph: 's:start a:start b:start', record: moved('merge', 's') },
      's:NOT(s.ts)',
    ],
  ])('%s', (_, given, expected) => {
    expect(coversOf(given).shown).toBe(expected)
  })

  it('is compared commit by commit for a squash, as a whole for a rebase, and not where nothing is open', () => {
    const graph = 's:x x:start a:start b:start'
    const movesOf = (strategy: 'squash' | 'rebase', files = {}) =>
      coversOf({ graph, record: moved(strategy, 's'), files }).moves
    expect(movesOf('squash')).toEqual([
      { kind: 'squash', before: 'x', after: 's', lanes: ['a', 'b'], members: ['s'] },
      { kind: 'squash', before: 'start', after: 'x', lanes: ['a', 'b'], members: ['x'] },
    ])
    expect(movesOf('rebase')).toEqual([
      { kind: 'rebase', before: 'start', after: 's', lanes: ['a', 'b'], members: ['s', 'x'] },
    ])
    expect(movesOf('rebase', { s: [status], x: [] })).toEqual([])
  })
})

describe('records', () => {
  const record = recordOf({
    after: 'm',
    before: 'start',
    lanes: [lane('l', 'WP01')],
    judgements: [
      {
        workPackage: 'WP01',
        ranges: [
          { base: 'b1', head: 'h1' },
          { base: 'b1', head: 'h2' },
        ],
      },
    ],
    confirmations: [{ workPackage: 'WP02', commit: 'c' }],
    given: [
      { workPackage: 'WP03', head: 'g' },
      { workPackage: 'WP04', head: null },
    ],
  })
  const stored = (more: Partial<StoredRecord> = {}): StoredRecord => ({
    ...{ place: 'm/m.json', record, envelope: null, signers: [], broken: null },
    ...more,
  })

  it('name commits', () => {
    expect(commitsNamed([record, record]).toSorted()).toEqual(['b1', 'c', 'g', 'h1', 'h2', 'l', 'm', 'start'])
    expect(commitsNamed([recordOf({ after: 'm', before: null })])).toEqual(['m'])
  })

  it('count unless they are broken or cannot be read', () => {
    expect(usable([stored(), stored({ broken: 'altered' }), stored({ record: null })])).toEqual([record])
    expect(usable([stored({ broken: 'altered' })])).toEqual([])
  })

  it.each(['m', 'l', 'h1', 'h2', 'c'])('are about a range that has %s', commit => {
    const cover = { kind: 'host' } as const
    const commits = ['other', commit].map(id => ({ commit: id, parents: [], cover }))
    expect(isAbout(stored(), commits)).toBe(true)
  })

  it('are not about the commits from which they start, and may be about any if they cannot be read', () => {
    const commits = ['start', 'b1', 'g'].map(commit => ({ commit, parents: [], cover: { kind: 'host' } as const }))
    expect(isAbout(stored(), commits)).toBe(false)
    expect(isAbout(stored({ record: null }), [])).toBe(true)
  })

  it('explain a commit if one of several about it does', () => {
    const graph = graphOf('s:start a:start b:start')
    const lanes = [lane('a', 'WP01')]
    const good = recordOf({ after: 's', strategy: 'squash', lanes, judgements: [judged('start..a')] })
    const bad = recordOf({ after: 's', strategy: 'rebase', lanes: [], mission: 'other' })
    for (const records of [
      [good, bad],
      [bad, good],
    ]) {
      const begun = beginCover(
        graph,
        's',
        evidenceOf(records, () => true),
      )
      const alone = coverAlone(begun, () => ['s.ts'])
      const compared = openMoves(begun, alone).map(move => ({ ...move, odd: move.lanes.length > 0 ? [] : ['s.ts'] }))
      expect(finishCover(begun, alone, compared).range.map(({ cover }) => cover.kind)).toEqual(['squash'])
    }
    const hosts = beginCover(
      graph,
      's',
      evidenceOf([good, bad], () => true),
    )
    expect(coverAlone(hosts, () => ['kitty-specs/other/status.json']).get('s')).toEqual({ kind: 'host' })
  })

  it('are counted in words, each kind once', () => {
    const all = coversOf({
      graph: 'z:s y:s s:h h:e e:m m:d,k k:start d:c c:b b:a a:start',
      record: recordOf({
        after: 'e',
        judgements: [judged('start..b')],
        confirmations: [{ workPackage: 'WP02', commit: 'c' }],
      }),
      files: { h: [status], e: [] },
    })
    expect(inWords(all.range)).toBe(
      "2 judged (WP01 by codex), 1 confirmed by a person (WP02), 1 the host's, 1 merge as git makes it, 1 without a change, 4 NOT COVERED",
    )
    const many = ['merge', 'merge', 'squash', 'squash', 'rebase', 'host'] as const
    const covers = many.map((kind, n) => ({ commit: `${n}`, parents: [], cover: { kind } }))
    expect(inWords(covers)).toBe(
      "1 the host's, 2 merges as git makes them, 2 squashes of the lanes, 1 of the lanes, rebased",
    )
    expect(inWords(covers.slice(2, 3))).toBe('1 squash of the lanes')
  })

  it.each([
    ['WP02 codex, WP10 codex, WP01 codex, WP02 codex', '4 judged (WP01, WP02, WP10 by codex)'],
    ['WP02 codex, WP01 claude', '2 judged (WP01 by claude, WP02 by codex)'],
    ['WP100 codex, WP99 codex', '2 judged (WP99, WP100 by codex)'],
    ['WP02 pi, WP01 pi, WP02 codex', '3 judged (WP01 by pi, WP02 by codex, WP02 by pi)'],
    [
      Array.from({ length: 22 }, (_, n) => `WP${n + 10} codex`).join(', '),
      `22 judged (${Array.from({ length: 20 }, (_, n) => `WP${n + 10}`).join(', ')} and 2 more by codex)`,
    ],
  ])('name the WPs of %s in order, and an agent that judged all of them once', (given, expected) => {
    const covers = given.split(', ').map((text, n) => {
      const [workPackage = '', agent = ''] = text.split(' ')
      return { commit: `${n}`, parents: [], cover: { kind: 'judged', workPackage, agent } as const }
    })
    expect(inWords(covers)).toBe(expected)
  })

  it('name the WPs that a person confirmed in order', () => {
    const covers = ['WP02', 'WP01'].map(workPackage => {
      return { commit: workPackage, parents: [], cover: { kind: 'confirmed', workPackage } as const }
    })
    expect(inWords(covers)).toBe('2 confirmed by a person (WP01, WP02)')
  })
})
