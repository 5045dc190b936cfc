import { describe, expect, it } from 'vitest'
import { isAgentId, isWpId } from '../../../src/core/ids.ts'
import type { MergeOf } from '../../../src/core/mission/finish-progress.ts'
import { commitsIn, makeRecord, type RecordFacts, saysTheSame } from '../../../src/core/record/make-record.ts'
import { type Attempt, newRecord, type WpRecord } from '../../../src/core/work-package/work-package.ts'

function agent(id: string) {
  if (!isAgentId(id)) throw new Error(id)
  return id
}

function wp(id: string) {
  if (!isWpId(id)) throw new Error(id)
  return id
}

const facts: RecordFacts = {
  skoVersion: '1.2.3',
  runId: 'run-1',
  startedAt: '2026-11-30T01:00:00.000Z',
  recordedAt: '2026-11-30T02:00:00.000Z',
  mission: { slug: 'demo', id: null },
  configurationSha256: '0'.repeat(64),
  folders: [
    ['/home/me/project', '.'],
    ['/home/me', '~'],
  ],
  modelOf: (_, role) => `configured for ${role}`,
}

function attempt(role: Attempt['role'], id: string, more: Partial<Attempt> = {}): Attempt {
  return {
    ...{ number: 1, role, cycle: 1, agent: agent(id), baseCommit: 'base', startedAt: '', endedAt: '', process: null },
    ...{ result: { kind: 'succeeded' }, headCommit: role === 'implementation' ? 'work' : null, usage: null },
    ...{ lastWords: null, sessionId: null, resumedSession: null },
    ...more,
  }
}

const judged: WpRecord = {
  ...newRecord(wp('WP01')),
  attempts: [
    attempt('implementation', 'ada', { model: 'm1', cliVersion: '2.0' }),
    attempt('implementation', 'ada', { model: 'm1', cliVersion: '2.0' }),
    attempt('implementation', 'eve', { headCommit: 'base' }),
    attempt('review', 'bob', { model: 'old' }),
    attempt('review', 'bob', { model: 'm2', configuredModel: 'asked' }),
    attempt('review', 'bob', { model: 'm3', result: { kind: 'interrupted' } }),
  ],
  work: {
    ...{ agent: agent('ada'), baseCommit: 'base', headCommit: 'work', tree: 't' },
    checks: [{ command: 'run /home/me/project/test.sh', exitCode: 1, output: '', log: '/home/me/log' }],
  },
  judgement: {
    reviewer: agent('bob'),
    reference: 'review/WP01/1',
    commit: 'work',
    shown: [{ base: 'base', head: 'work' }],
    dilutions: [
      { kind: 'test-removed', file: 'a.test.ts', line: null, excerpt: 'x', answer: 'gone from /home/me/project/src' },
    ],
    verdict: {
      verdict: 'approved',
      summary: 'see /home/me/project/.worktrees/a/src/x.ts and /home/me/project2, /home/me/.ssh',
      findings: [
        ...[
          { severity: 'low', file: '/home/me/project/a.ts', line: 1, problem: '/srv/home/me', change: null } as const,
        ],
        ...[{ severity: 'low', file: null, line: null, problem: 'p', change: 'in /home/me' } as const],
      ],
      checks: [],
    },
  },
}

const of: MergeOf & { readonly after: string } = {
  ...{
    works: { WP01: 'work' },
    targetBranch: 'main',
    before: 'old',
    after: 'new',
    strategy: 'squash' as const,
    verified: true,
  },
  checked: { tree: 't', results: [{ command: 'npm test', exitCode: 0, output: '', log: '/home/me/log' }] },
  lanes: [{ branch: 'kitty/a', head: 'work', wpIds: [wp('WP01')] }],
}

const confirmed: WpRecord = {
  ...newRecord(wp('WP02')),
  confirmed: { commit: 'c2', at: '2026-11-30T01:30:00.000Z', reason: 'read in /home/me', before: ['c1'] },
}

const start = { commits: [], given: { WP03: 'g', WP04: null } }

describe('the record of a merge', () => {
  const recorded = () => makeRecord({ of, records: [judged, confirmed], start }, facts)

  it('says which run of which version made it, of what, with which configuration', () => {
    expect(recorded()).toMatchObject({
      sko: { version: '1.2.3' },
      run: { id: 'run-1', startedAt: '2026-11-30T01:00:00.000Z', recordedAt: '2026-11-30T02:00:00.000Z' },
      mission: { slug: 'demo', id: null },
      target: { branch: 'main', before: 'old', after: 'new', strategy: 'squash' },
      lanes: [{ branch: 'kitty/a', head: 'work', workPackages: ['WP01'] }],
      configuration: { sha256: '0'.repeat(64) },
    })
  })

  it('takes the reviewer from the last review of that agent that succeeded, and else from the configuration', () => {
    const reviewerOf = (...attempts: readonly Attempt[]) =>
      makeRecord({ of, records: [{ ...judged, attempts }], start }, facts).judgements[0]?.reviewer
    const good = attempt('review', 'bob', { model: 'good' })
    const failure = { class: 'no-verdict', detail: '' } as const
    const failed = attempt('review', 'bob', { model: 'failed', result: { kind: 'failed', failure } })
    const running = attempt('review', 'bob', { model: 'running', result: null })
    const implementing = attempt('implementation', 'bob', { model: 'other' })
    expect(reviewerOf(good, failed, running, implementing, attempt('review', 'eve', { model: 'eve' }))?.model).toBe(
      'good',
    )
    const unknown = { agent: 'bob', version: null, model: null, configuredModel: 'configured for review' }
    expect([reviewerOf(), reviewerOf(failed), reviewerOf(implementing)]).toEqual([unknown, unknown, unknown])
  })

  it('names no implementer whose attempt added nothing, and each model once', () => {
    const madeBy = (...attempts: readonly Attempt[]) =>
      makeRecord({ of, records: [{ ...judged, attempts }], start }, facts).judgements[0]?.implementers.map(
        ({ agent: id, model }) => `${id} ${model}`,
      )
    const ada = attempt('implementation', 'ada', { model: 'm1' })
    const unfinished = attempt('implementation', 'eve', { headCommit: null })
    const reviewer = attempt('review', 'bob', { headCommit: 'work' })
    expect(madeBy(ada, unfinished, reviewer, { ...ada, model: 'm2' }, ada)).toEqual(['ada m1', 'ada m2'])
  })

  it('has no checks where none ran, and cuts a long command', () => {
    const { work } = judged
    const checksOf = (checks: NonNullable<WpRecord['work']>['checks']) =>
      makeRecord({ of, records: [{ ...judged, work: work && { ...work, checks } }], start }, facts).judgements[0]
        ?.checks
    expect(checksOf(null)).toEqual([])
    const [long] = checksOf([{ command: 'x'.repeat(400), exitCode: null, output: '', log: null }]) ?? []
    expect(long?.exitCode).toBeNull()
    expect(long?.command).toMatch(/^x{250,300}\S*$/)
    const { checked: _, ...unchecked } = of
    expect(makeRecord({ of: unchecked, records: [{ ...judged, work: null }], start }, facts)).toMatchObject({
      checks: [],
      judgements: [{ checks: [] }],
    })
  })

  it('has only what was judged among the judgements, and a confirmation without a reason', () => {
    const plain = { ...confirmed, confirmed: { commit: 'c2', at: 'then', reason: null } }
    const made = makeRecord({ of, records: [newRecord(wp('WP05')), plain], start }, facts)
    expect(made.judgements).toEqual([])
    expect(made.confirmations).toEqual([{ workPackage: 'WP02', commit: 'c2', at: 'then', reason: null }])
  })

  it('takes a folder for what it is, not for a pattern', () => {
    const { judgement } = judged
    if (!judgement) throw new Error('it has one')
    const verdict = { ...judgement.verdict, summary: '/home/a.b/x /home/aXb/x ~/home/a.b /home/a.b-c /home/a.b' }
    const records = [{ ...judged, judgement: { ...judgement, verdict } }]
    const made = makeRecord({ of, records, start }, { ...facts, folders: [['/home/a.b', '$&']] })
    expect(made.judgements[0]?.summary).toBe('$&/x /home/aXb/x ~/home/a.b /home/a.b-c $&')
  })

  it('names who judged with which tool, version and model, and who made the work', () => {
    expect(recorded().judgements).toMatchObject([
      {
        workPackage: 'WP01',
        commit: 'work',
        ranges: [{ base: 'base', head: 'work' }],
        reviewer: { agent: 'bob', version: null, model: 'm2', configuredModel: 'asked' },
        implementers: [{ agent: 'ada', version: '2.0', model: 'm1', configuredModel: 'configured for implementation' }],
        dilutions: [{ kind: 'test-removed', file: 'a.test.ts', line: null, answer: 'gone from ./src' }],
        checks: [{ command: 'run ./test.sh', exitCode: 1 }],
      },
    ])
  })

  it('says what the reviewer answered, where that counts as something else', () => {
    const given = 'changes_requested' as const
    const { judgement } = judged
    const counted = judgement && { ...judged, judgement: { ...judgement, given } }
    const [made] = makeRecord({ of, records: counted ? [counted] : [], start }, facts).judgements
    expect(made).toMatchObject({ verdict: 'approved', answered: 'changes_requested' })
    expect(recorded().judgements).toMatchObject([{ verdict: 'approved', answered: 'approved' }])
  })

  it('has the checks on the combined result', () => {
    expect(recorded().checks).toEqual([{ command: 'npm test', exitCode: 0 }])
  })

  it('names no folder of this machine', () => {
    const [judgement] = recorded().judgements
    expect(judgement?.summary).toBe('see ./.worktrees/a/src/x.ts and ~/project2, ~/.ssh')
    expect(judgement?.findings.map(({ file, problem, change }) => [file, problem, change])).toEqual([
      ['./a.ts', '/srv/home/me', null],
      [null, 'p', 'in ~'],
    ])
    expect(recorded().confirmations[0]?.reason).toBe('read in ~')
  })

  it('has what was confirmed, and what was given', () => {
    expect(recorded().confirmations.map(({ workPackage, commit }) => [workPackage, commit])).toEqual([
      ['WP02', 'c1'],
      ['WP02', 'c2'],
    ])
    expect(recorded().given).toEqual([
      { workPackage: 'WP03', head: 'g' },
      { workPackage: 'WP04', head: null },
    ])
  })

  it('names every commit that is needed to check it, each once', () => {
    expect(commitsIn(recorded())).toEqual(['new', 'old', 'work', 'base', 'c1', 'c2', 'g'])
  })

  it('has a rejection with the ranges that were shown, which cover nothing', () => {
    const { judgement } = judged
    if (!judgement) throw new Error('it has one')
    const verdict = { ...judgement.verdict, verdict: 'changes_requested' as const }
    const rejected = { ...judged, judgement: { ...judgement, verdict } }
    const [made] = makeRecord({ of, records: [rejected], start: null }, facts).judgements
    expect(made).toMatchObject({ verdict: 'changes_requested', ranges: judgement.shown })
  })

  it('has no checks of another commit', () => {
    const { work } = judged
    const later = { ...judged, work: work && { ...work, headCommit: 'later' } }
    expect(makeRecord({ of, records: [later], start }, facts).judgements[0]?.checks).toEqual([])
  })

  it('of a merge by someone else has no strategy and no commit before it', () => {
    const { strategy: _, ...others } = of
    const made = makeRecord({ of: { ...others, before: null }, records: [], start: null }, facts)
    expect(made.target).toEqual({ branch: 'main', before: null, after: 'new', strategy: null })
    expect(made.given).toEqual([])
  })

  it('says the same whenever it is written, and something else about another verdict', () => {
    expect(
      saysTheSame(recorded(), makeRecord({ of, records: [judged, confirmed], start }, { ...facts, recordedAt: '' })),
    ).toBe(true)
    expect(saysTheSame(recorded(), makeRecord({ of, records: [judged], start }, facts))).toBe(false)
  })
})
