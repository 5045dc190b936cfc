import type { WpId } from '../ids.ts'
import type { BudgetRules } from '../rules.ts'
import { wasCutOff } from '../work-package/cut-off.ts'
import type { Attempt, Role, WpRecord } from '../work-package/work-package.ts'

export const budgetUnits = ['usd', 'tokens', 'wall_clock_seconds'] as const

export type BudgetUnit = (typeof budgetUnits)[number]

/** `complete` is false when some or all of it was not reported, which is not zero. */
export interface Amount {
  readonly reported: number
  readonly complete: boolean
}

/** What an ended attempt has used. */
export interface Expense {
  readonly wpId: WpId
  readonly role: Role
  readonly amounts: Readonly<Record<BudgetUnit, Amount>>
}

export interface RunningAttempt {
  readonly wpId: WpId
  readonly role: Role
  /** `activeMs` of the run when the attempt began; negative when that was before this process. */
  readonly startedAtMs: number
}

/** What this run has used so far, over all its processes. */
export interface Ledger {
  readonly ended: readonly Expense[]
  readonly running: readonly RunningAttempt[]
  /** The total time in which processes of this run were running. */
  readonly activeMs: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface Ceiling {
  readonly unit: BudgetUnit
  /** null for the whole run. */
  readonly wpId: WpId | null
  readonly ceiling: number
}

/** The usage of a run or a WP under one of its ceilings. */
export interface Level extends Ceiling {
  readonly spent: number
  /** Number of attempts that did not report their usage, or only part of it. */
  readonly unknownAttempts: number
  /** The expected usage of the next attempt; 0 when it is not known. */
  readonly projected: number
}

export type Admission =
  | { readonly kind: 'room' }
  /** Only the expected usage of running attempts exceeds the ceiling: asked again when one of them has ended. */
  | { readonly kind: 'later' }
  | { readonly kind: 'held'; readonly level: Level }

const warnedAt = 0.8
/** Ten times 0.1 is a little less than 1 in floating point. */
const slack = 1e-9

/** Returns null for an attempt that never had a process. */
export function expenseOf(wpId: WpId, attempt: Attempt): Expense | null {
  const { role, usage, startedAt, endedAt, process, result } = attempt
  if (process === null && result?.kind === 'failed') return null
  const seconds = endedAt === null || wasCutOff(attempt) ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  return {
    wpId,
    role,
    amounts: {
      usd: amountOf([usage?.costUsd ?? null]),
      tokens: amountOf([usage?.inputTokens ?? null, usage?.outputTokens ?? null]),
      wall_clock_seconds: amountOf([seconds]),
    },
  }
}

function amountOf(parts: readonly (number | null)[]): Amount {
  const reported = parts.filter(part => part !== null)
  return { reported: sumOf(reported), complete: reported.length === parts.length }
}

/** A new run takes over an older run's records but not its expenses. An open attempt reports its usage when it ends. */
export function expensesOfRun(records: readonly WpRecord[], runStartedAt: string): readonly Expense[] {
  const start = Date.parse(runStartedAt)
  return records.flatMap(({ wpId, attempts, earlierAttempts }) =>
    attempts
      // By number, because the clock may have been set back. Older records have only the time.
      .filter(({ number, startedAt }) =>
        earlierAttempts === null ? Date.parse(startedAt) >= start : number > earlierAttempts,
      )
      .filter(attempt => attempt.result !== null)
      .flatMap(attempt => expenseOf(wpId, attempt) ?? []),
  )
}

/** The run's ceilings, then those of the WP. */
export function ceilingsOver(wpId: WpId, budget: BudgetRules): readonly Ceiling[] {
  return budgetUnits
    .flatMap(unit => [
      { unit, wpId: null, ceiling: budget[unit] },
      { unit, wpId, ceiling: budget.work_package[unit] },
    ])
    .flatMap(({ ceiling, ...of }) => (ceiling === null ? [] : { ...of, ceiling }))
    .toSorted((a, b) => Number(a.wpId !== null) - Number(b.wpId !== null))
}

/** `role`: of the next attempt. */
export function levelOf(ceiling: Ceiling, role: Role, ledger: Ledger): Level {
  return { ...ceiling, ...usedOf(ceiling, ledger), projected: projection(ceiling.unit, role, ledger) }
}

/** What was used of the unit, by the run or by the WP. */
export function usedOf(
  { unit, wpId }: Pick<Ceiling, 'unit' | 'wpId'>,
  ledger: Ledger,
): Pick<Level, 'spent' | 'unknownAttempts'> {
  if (unit === 'wall_clock_seconds' && wpId === null) return { spent: ledger.activeMs / 1000, unknownAttempts: 0 }
  const amounts = ledger.ended
    .filter(expense => wpId === null || expense.wpId === wpId)
    .map(expense => expense.amounts[unit])
  const running = ledger.running.filter(attempt => attempt.wpId === wpId)
  const soFar =
    unit === 'wall_clock_seconds'
      ? running.map(({ startedAtMs }) => Math.max(0, ledger.activeMs - startedAtMs) / 1000)
      : []
  return {
    spent: sumOf([...amounts.map(({ reported }) => reported), ...soFar]),
    unknownAttempts: amounts.filter(({ complete }) => !complete).length,
  }
}

/** The mean of this run's attempts in the role, or of all attempts while none in the role has reported. */
function projection(unit: BudgetUnit, role: Role, { ended }: Ledger): number {
  const known = ended.filter(({ amounts }) => amounts[unit].complete)
  const inRole = known.filter(expense => expense.role === role)
  const from = inRole.length > 0 ? inRole : known
  return from.length === 0 ? 0 : sumOf(from.map(({ amounts }) => amounts[unit].reported)) / from.length
}

/** Parallel attempts each use tokens and money, but share the same time. */
function reserved({ unit, wpId }: Ceiling, ledger: Ledger): number {
  if (unit === 'wall_clock_seconds') return 0
  const running = ledger.running.filter(attempt => wpId === null || attempt.wpId === wpId)
  return sumOf(running.map(({ role }) => projection(unit, role, ledger)))
}

/** Whether the next attempt of the role may start on the WP. */
export function admissionOf(wpId: WpId, role: Role, ledger: Ledger, budget: BudgetRules): Admission {
  const levels = ceilingsOver(wpId, budget).map(ceiling => levelOf(ceiling, role, ledger))
  const held = levels.find(level => isReached(level) || isBeyond(level.spent + level.projected, level))
  if (held) return { kind: 'held', level: held }
  const full = levels.some(level => isBeyond(level.spent + reserved(level, ledger) + level.projected, level))
  return { kind: full ? 'later' : 'room' }
}

/** The ceiling that the run reaches while it waits until then (milliseconds since the epoch); null: none. */
export function ceilingBefore(until: number, ledger: Ledger, budget: BudgetRules): Level | null {
  const ceiling = budget.wall_clock_seconds
  if (ceiling === null) return null
  const run = { unit: 'wall_clock_seconds', wpId: null, ceiling } as const
  const level = { ...run, ...usedOf(run, ledger), projected: Math.max(0, until - ledger.now) / 1000 }
  return isReached({ ...level, spent: level.spent + level.projected }) ? level : null
}

/** Milliseconds until an attempt of the WP reaches the next mark (80 %, 100 %) of a time ceiling; null: never. */
export function nextMark(wpId: WpId, ledger: Ledger, budget: BudgetRules): number | null {
  const left = ceilingsOver(wpId, budget)
    .filter(({ unit }) => unit === 'wall_clock_seconds')
    .flatMap(ceiling => {
      const { spent } = usedOf(ceiling, ledger)
      return [warnedAt * ceiling.ceiling - spent, ceiling.ceiling - spent]
    })
    .filter(seconds => seconds > slack)
  return left.length === 0 ? null : Math.ceil(Math.min(...left) * 1000)
}

export function isReached({ spent, ceiling }: Pick<Level, 'spent' | 'ceiling'>): boolean {
  return spent >= ceiling * (1 - slack)
}

/** Time for a warning: 80 % are used. */
export function isNear({ spent, ceiling }: Pick<Level, 'spent' | 'ceiling'>): boolean {
  return isReached({ spent, ceiling: ceiling * warnedAt })
}

function isBeyond(amount: number, { ceiling }: Ceiling): boolean {
  return amount > ceiling * (1 + slack)
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
