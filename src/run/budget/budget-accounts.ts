import {
  ceilingsOver,
  expenseOf,
  expensesOfRun,
  isNear,
  isReached,
  type Ledger,
  levelOf,
  type RunningAttempt,
} from '../../core/budget/budget.ts'
import type { WpId } from '../../core/ids.ts'
import type { RunRules } from '../../core/rules.ts'
import type { Attempt, Role, WpRecord } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'
import type { BudgetReports } from './budget-reports.ts'

export interface RunBudgetOptions {
  readonly config: RunRules
  /** As stored when this process started. */
  readonly records: readonly WpRecord[]
  readonly runStartedAt: string
  /** The total time in which processes of this run were running, up to now. */
  readonly activeMs: () => number
  readonly ports: Pick<Ports, 'clock' | 'report'>
}

export interface StartedAttempt extends RunningAttempt {
  readonly stop: AbortController
  /** False when it was admitted and still waits for others. */
  begun: boolean
}

/** What the run has used, and its running attempts. */
export interface BudgetAccounts {
  readonly running: Set<StartedAttempt>
  /** `counted`: the running attempts to count; default: all. */
  ledger(counted?: readonly StartedAttempt[]): Ledger
  book(wpId: WpId, attempt: Attempt): void
  /** Warns of near ceilings. With `budget.running: stop`, stops the attempts under a ceiling that is reached. */
  checkCeilings(wpId: WpId, role: Role): void
}

export function createBudgetAccounts(options: RunBudgetOptions, reports: BudgetReports): BudgetAccounts {
  const { budget } = options.config
  const ended = [...expensesOfRun(options.records, options.runStartedAt)]
  const running = new Set<StartedAttempt>()

  const ledger: BudgetAccounts['ledger'] = (counted = [...running]) => ({
    ended,
    running: counted,
    activeMs: options.activeMs(),
    now: options.ports.clock.now(),
  })

  return {
    running,
    ledger,
    book: (wpId, attempt) => {
      const expense = expenseOf(wpId, attempt)
      if (!expense) return
      ended.push(expense)
      reports.expense(expense, attempt)
    },
    checkCeilings: (wpId, role) => {
      const levels = ceilingsOver(wpId, budget).map(ceiling => levelOf(ceiling, role, ledger()))
      for (const level of levels) if (isNear(level)) reports.level(level, 'warned')
      const stops = budget.running === 'stop' ? levels.filter(isReached) : []
      for (const level of stops) {
        const attempts = [...running].filter(attempt => level.wpId === null || attempt.wpId === level.wpId)
        if (attempts.length > 0) reports.level(level, 'reached')
        for (const attempt of attempts) attempt.stop.abort()
      }
    },
  }
}
