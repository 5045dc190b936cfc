import { describe, expect, it } from 'vitest'
import {
  type Admission,
  admissionOf,
  type BudgetUnit,
  budgetUnits,
  ceilingBefore,
  ceilingsOver,
  type Expense,
  expenseOf,
  expensesOfRun,
  isNear,
  isReached,
  type Ledger,
  levelOf,
  nextMark,
  usedOf,
} from '../../../src/core/budget/budget.ts'
import { nearCeiling, resumeAbove, unknownOf, usedOfCeiling, whyOver } from '../../../src/core/budget/budget-words.ts'
import type { Attempt, Role, Usage } from '../../../src/core/work-package/work-package.ts'
import { attempt, config, failed, now, record, wp } from '../samples.ts'

const wp01 = wp('WP01')
const wp02 = wp('WP02')
const spawned = { process: { pid: 1, startTime: '1', bootId: 'b' } }

function cost(costUsd: number | null, more: Partial<Usage> = {}): Usage {
  return { inputTokens: 100, outputTokens: 10, costUsd, ...more }
}

function spent(usd: number | null, role: Role = 'implementation', wpId = wp01, seconds = 30): Expense {
  const startedAt = new Date(now).toISOString()
  const endedAt = new Date(now + seconds * 1000).toISOString()
  const expense = expenseOf(wpId, attempt(1, { ...spawned, role, usage: cost(usd), startedAt, endedAt }))
  if (!expense) throw new Error('it has run')
  return expense
}

function ledger(ended: readonly Expense[], more: Partial<Ledger> = {}): Ledger {
  return { ended, running: [], activeMs: 0, now, ...more }
}

function running(count: number, role: Role = 'implementation', wpId = wp02): Ledger['running'] {
  return Array.from({ length: count }, () => ({ wpId, role, startedAtMs: 0 }))
}

function budget(given: Record<string, unknown>) {
  return config({ budget: given }).budget
}

describe('what an attempt has used', () => {
  const all = { reported: 0, complete: false }
  it.each<readonly [string, Partial<Attempt>, Readonly<Record<BudgetUnit, unknown>>]>([
    [
      'all that it reported',
      { usage: cost(0.3) },
      {
        usd: { reported: 0.3, complete: true },
        tokens: { reported: 110, complete: true },
        wall_clock_seconds: { reported: 30, complete: true },
      },
    ],
    [
      'half of the tokens, and no cost',
      { usage: cost(null, { inputTokens: null }) },
      { usd: all, tokens: { reported: 10, complete: false }, wall_clock_seconds: { reported: 30, complete: true } },
    ],
    ['nothing', { usage: null }, { usd: all, tokens: all, wall_clock_seconds: { reported: 30, complete: true } }],
    ['not yet at its end', { endedAt: null, result: null }, { usd: all, tokens: all, wall_clock_seconds: all }],
    [
      'cut off by a crash of ours, which took its end with it',
      { result: { kind: 'interrupted' }, startedAt: attempt(1).endedAt ?? '' },
      { usd: all, tokens: all, wall_clock_seconds: all },
    ],
  ])('%s', (_, more, amounts) => {
    expect(expenseOf(wp01, attempt(1, { ...spawned, ...more }))?.amounts).toEqual(amounts)
  })

  it('nothing, when it never was a process', () => {
    expect(expenseOf(wp01, failed(1, 'missing-binary'))).toBeNull()
  })

  it('something, when we died before it was reported', () => {
    expect(expenseOf(wp01, attempt(1, { result: { kind: 'interrupted' } }))).toMatchObject({ wpId: wp01 })
    expect(expenseOf(wp01, attempt(1, { result: null }))).toMatchObject({ wpId: wp01 })
    expect(expenseOf(wp01, failed(1, 'crashed', spawned))).toMatchObject({ role: 'implementation' })
  })

  it('is not reported before its end, and never of one that was no process', () => {
    const attempts = [attempt(1, { ...spawned, result: null }), failed(2, 'missing-binary')]
    expect(expensesOfRun([record({ attempts })], attempt(1).startedAt)).toEqual([])
  })

  it('counts for the run that it was part of, not for one that took its record over', () => {
    const before = attempt(1, { ...spawned, usage: cost(5), startedAt: new Date(now - 1).toISOString() })
    const after = attempt(2, { ...spawned, usage: cost(0.3), startedAt: new Date(now).toISOString() })
    const reported = (earlierAttempts: number | null, startedAt: number) =>
      expensesOfRun([record({ attempts: [before, after], earlierAttempts })], new Date(startedAt).toISOString()).map(
        ({ amounts }) => amounts.usd.reported,
      )
    expect(reported(1, now)).toEqual([0.3])
    // By number, whatever a clock that was set makes of the times.
    expect(reported(1, now + 3_600_000)).toEqual([0.3])
    expect(reported(0, now + 3_600_000)).toEqual([5, 0.3])
    expect(reported(2, now - 3_600_000)).toEqual([])
    expect(reported(null, now)).toEqual([0.3])
  })
})

describe('where a ceiling stands', () => {
  const run = { unit: 'usd', wpId: null, ceiling: 1 } as const
  it.each<readonly [string, readonly Expense[], Role, number, number, number]>([
    ['nothing yet', [], 'implementation', 0, 0, 0],
    ['one of the role', [spent(0.3)], 'implementation', 0.3, 0, 0.3],
    ['the mean of the role', [spent(0.2), spent(0.4), spent(9, 'review')], 'implementation', 9.6, 0, 0.3],
    ['all, while the role is unknown', [spent(0.2), spent(0.4)], 'review', 0.6, 0, 0.3],
    ['unknown ones are counted, not averaged', [spent(null), spent(0.4)], 'implementation', 0.4, 1, 0.4],
    ['only unknown ones', [spent(null), spent(null)], 'implementation', 0, 2, 0],
  ])('%s', (_, ended, role, spentUsd, unknownAttempts, projected) => {
    const level = levelOf(run, role, ledger(ended))
    expect(level).toEqual({
      ...run,
      spent: expect.closeTo(spentUsd),
      unknownAttempts,
      projected: expect.closeTo(projected),
    })
  })

  it('a WP has used what its own attempts have', () => {
    const both = ledger([spent(0.3), spent(0.5, 'review', wp02)])
    expect(usedOf({ unit: 'usd', wpId: wp02 }, both)).toEqual({ spent: 0.5, unknownAttempts: 0 })
    expect(usedOf({ unit: 'tokens', wpId: null }, both)).toEqual({ spent: 220, unknownAttempts: 0 })
  })

  it('wall clock: the time of the processes for the run, that of its agents for a WP', () => {
    const begun = running(1, 'review', wp01).map(attempt => ({ ...attempt, startedAtMs: 85_000 }))
    const at = ledger([spent(null)], { activeMs: 90_000, now: now - 3_600_000, running: begun })
    expect(usedOf({ unit: 'wall_clock_seconds', wpId: null }, at)).toEqual({ spent: 90, unknownAttempts: 0 })
    expect(usedOf({ unit: 'wall_clock_seconds', wpId: wp01 }, at)).toEqual({ spent: 35, unknownAttempts: 0 })
  })

  it('neither other running attempts nor another unit count for a WP', () => {
    const at = ledger([spent(2)], { activeMs: 5_000, running: [...running(1), ...running(1, 'review', wp01)] })
    expect(usedOf({ unit: 'wall_clock_seconds', wpId: wp01 }, at)).toEqual({ spent: 35, unknownAttempts: 0 })
    expect(usedOf({ unit: 'usd', wpId: wp01 }, at)).toEqual({ spent: 2, unknownAttempts: 0 })
  })

  it('the run comes first, and null is no ceiling', () => {
    const given = budget({ usd: 5, work_package: { usd: 1, tokens: 10 } })
    expect(ceilingsOver(wp01, given)).toEqual([
      { unit: 'usd', wpId: null, ceiling: 5 },
      { unit: 'usd', wpId: wp01, ceiling: 1 },
      { unit: 'tokens', wpId: wp01, ceiling: 10 },
    ])
    const all = { usd: 1, tokens: 2, wall_clock_seconds: 3 }
    expect(
      ceilingsOver(wp01, budget({ ...all, work_package: all })).map(({ wpId, ceiling }) => [wpId, ceiling]),
    ).toEqual([...[1, 2, 3].map(ceiling => [null, ceiling]), ...[1, 2, 3].map(ceiling => [wp01, ceiling])])
  })
})

describe('whether the next attempt may begin', () => {
  const thirds = [spent(0.3), spent(0.3)]
  const usd = { usd: 1 }
  it.each<readonly [string, Record<string, unknown>, Ledger, Role, Admission['kind']]>([
    ['no ceiling', {}, ledger([spent(1000)]), 'implementation', 'room'],
    ['nothing used', usd, ledger([]), 'implementation', 'room'],
    ['nothing known, many running', usd, ledger([], { running: running(20) }), 'implementation', 'room'],
    ['it fits', usd, ledger(thirds), 'implementation', 'room'],
    ['it would go over', usd, ledger([...thirds, spent(0.3)]), 'implementation', 'held'],
    ['it comes to the ceiling exactly', { usd: 0.9 }, ledger(thirds), 'implementation', 'room'],
    ['all is used, the next costs nothing', usd, ledger([spent(1), spent(0, 'review')]), 'review', 'held'],
    ['ten times a tenth is all', usd, ledger(Array.from({ length: 10 }, () => spent(0.1))), 'implementation', 'held'],
    ['nine times a tenth, and one more', usd, ledger(Array.from({ length: 9 }, () => spent(0.1))), 'review', 'room'],
    ['another running leaves enough', { usd: 1.2 }, ledger(thirds, { running: running(1) }), 'implementation', 'room'],
    ['another running may use the rest', usd, ledger(thirds, { running: running(1) }), 'implementation', 'later'],
    [
      'another running on the WP may use its rest',
      { work_package: usd },
      ledger(thirds, { running: running(1, 'implementation', wp01) }),
      'implementation',
      'later',
    ],
    [
      'others running leave a WP its own',
      { work_package: usd },
      ledger(thirds, { running: running(9) }),
      'implementation',
      'room',
    ],
    ['a cheap role fits where a dear one does not', usd, ledger([...thirds, spent(0.1, 'review')]), 'review', 'room'],
    ['only unknown costs', usd, ledger([spent(null), spent(null)]), 'implementation', 'room'],
    ['tokens', { tokens: 250 }, ledger(thirds), 'implementation', 'held'],
    ['wall clock', { wall_clock_seconds: 60 }, ledger([], { activeMs: 60_000 }), 'implementation', 'held'],
    ['wall clock, projected', { wall_clock_seconds: 60 }, ledger(thirds, { activeMs: 40_000 }), 'review', 'held'],
    [
      'those side by side take no time from each other',
      { wall_clock_seconds: 60 },
      ledger(thirds, { activeMs: 30_000, running: running(9) }),
      'implementation',
      'room',
    ],
    ['a WP over its own', { work_package: { usd: 0.8 } }, ledger(thirds), 'implementation', 'held'],
    [
      'another WP over its own',
      { work_package: { usd: 0.8 } },
      ledger([spent(9, 'review', wp02), spent(0.3)]),
      'implementation',
      'room',
    ],
    [
      'a WP, whose attempts take turns',
      { work_package: { wall_clock_seconds: 80 } },
      ledger(thirds),
      'implementation',
      'held',
    ],
  ])('%s', (_, given, ledger, role, kind) => {
    expect(admissionOf(wp01, role, ledger, budget(given)).kind).toBe(kind)
  })

  it.each([
    [0.79, false, false],
    [0.8, true, false],
    [0.999, true, false],
    [1, true, true],
  ])('%d of 1: near %s, reached %s', (spent, near, reached) => {
    expect([isNear({ spent, ceiling: 1 }), isReached({ spent, ceiling: 1 })]).toEqual([near, reached])
  })
})

describe('time that goes by itself', () => {
  it.each([
    [59_999, null],
    [60_000, 60],
    [600_000, 600],
  ])('a wait of %d ms with 60 s left', (ms, projected) => {
    const level = ceilingBefore(now + ms, ledger([], { activeMs: 40_000 }), budget({ wall_clock_seconds: 100 }))
    expect(level?.projected ?? null).toBe(projected)
  })

  it('no wall clock, no end of a wait', () => {
    expect(ceilingBefore(now + 1e12, ledger([]), budget({ usd: 1 }))).toBeNull()
  })

  it.each<readonly [string, Record<string, unknown>, number, number | null]>([
    ['none', { usd: 1 }, 0, null],
    ['80 % of the run', { wall_clock_seconds: 100 }, 20_000, 60_000],
    ['then 100 %', { wall_clock_seconds: 100 }, 80_000, 20_000],
    ['then none', { wall_clock_seconds: 100 }, 100_000, null],
    ['the WP comes first', { wall_clock_seconds: 1000, work_package: { wall_clock_seconds: 100 } }, 0, 50_000],
  ])('the next mark: %s', (_, given, activeMs, expected) => {
    expect(nextMark(wp01, ledger([spent(null)], { activeMs }), budget(given))).toBe(expected)
  })
})

describe('in words', () => {
  const level = { unit: 'usd', wpId: null, ceiling: 1, spent: 0.9, unknownAttempts: 2, projected: 0.3 } as const
  const wall = { ...level, unit: 'wall_clock_seconds', ceiling: 3600, spent: 3000, unknownAttempts: 0 } as const

  it('with what is unknown, and what is expected', () => {
    expect(whyOver(level)).toBe(
      'the run has used 0.90 of 1.00 USD (2 attempts of unknown cost), and the next attempt is expected to add 0.30',
    )
    expect(whyOver({ ...wall, wpId: wp01, projected: 0 })).toBe('WP01 has used 3,000 of 3,600 s of wall clock')
    expect(usedOfCeiling({ ...level, unit: 'tokens', spent: 12_000, ceiling: null, unknownAttempts: 1 })).toBe(
      '12,000 tokens (1 attempt of unknown token count)',
    )
    expect(usedOfCeiling({ ...level, spent: 0, ceiling: null, unknownAttempts: 2 })).toBe('cost unknown (2 attempts)')
    expect(usedOfCeiling({ ...level, spent: 0.00123, ceiling: 0.01, unknownAttempts: 0 })).toBe('0.0012 of 0.01 USD')
    expect(usedOfCeiling({ ...level, spent: 0 })).toBe('0.00 of 1.00 USD (2 attempts of unknown cost)')
    expect(usedOfCeiling({ ...level, spent: 0, ceiling: null, unknownAttempts: 0 })).toBe('0.00 USD')
    expect(usedOfCeiling({ ...level, spent: 0.1, ceiling: null, unknownAttempts: 0 })).toBe('0.10 USD')
    expect(nearCeiling({ ...wall, spent: 2900 })).toBe('80 % of 3,600 s of wall clock is used')
    expect(budgetUnits.map(unknownOf)).toEqual(['cost', 'token count', 'duration'])
  })

  it.each([
    [[level], '--budget-usd 2'],
    [[{ ...level, projected: 7 }], '--budget-usd 14.9'],
    [[wall], '--budget-seconds 7200'],
    [[{ ...wall, projected: 40_000 }], '--budget-seconds 83000'],
    [[{ ...wall, spent: 3000.001, projected: 40_000 }], '--budget-seconds 83001'],
    [[level, { ...level, wpId: wp01 }, { ...level, wpId: wp02, ceiling: 3 }], '--budget-usd 2 --wp-budget-usd 6'],
    [[{ ...level, unit: 'tokens' as const, wpId: wp01, ceiling: 500_000 }], '--wp-budget-tokens 1000000'],
    [[], ''],
  ])('the way out of %#', (levels, flags) => {
    expect(resumeAbove(levels)).toBe(['sko resume', flags].filter(Boolean).join(' '))
  })
})
