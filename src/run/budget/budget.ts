import { admissionOf, budgetUnits, ceilingBefore, usedOf } from '../../core/budget/budget.ts'
import { resumeAbove, type Used, whyOver } from '../../core/budget/budget-words.ts'
import type { WpId } from '../../core/ids.ts'
import type { FinishStep, WaitStep } from '../../core/work-package/step.ts'
import type { Attempt, Role } from '../../core/work-package/work-package.ts'
import type { EndedAttempt } from '../attempts/ended-attempt.ts'
import { createBudgetAccounts, type RunBudgetOptions } from './budget-accounts.ts'
import { createBudgetReports } from './budget-reports.ts'
import { createBudgetRooms, type Room } from './budget-rooms.ts'

/** What one run may use, and has used. */
export interface RunBudget {
  /** Why no attempt of the role may start on this WP, with the next command; null when it may. */
  whyHeld(wpId: WpId, role: Role): string | null
  /** Reports that an attempt was really held. */
  reportHeld(wpId: WpId, role: Role): void
  /** A wait that ends after the ceiling is reached is useless: the WP is held instead. */
  waitOrHeld(wait: WaitStep): WaitStep | FinishStep
  /** Runs `start` when there is budget for its attempt; null when a ceiling leaves none. */
  withRoom(wpId: WpId, role: Role, start: (room: Room) => Promise<EndedAttempt>): Promise<EndedAttempt | null>
  /** Runs `follow` for an attempt that is already running, without asking the budget. */
  withAdopted(wpId: WpId, attempt: Attempt, follow: (room: Room) => Promise<EndedAttempt>): Promise<EndedAttempt>
  /** Counts an attempt that ended while sko was not running. */
  bookUnseen(wpId: WpId, attempt: Attempt): void
  /** The command that continues with higher ceilings than those that held something. */
  resumeCommand(): string
  used(): readonly Used[]
}

export function createRunBudget(options: RunBudgetOptions): RunBudget {
  const { budget } = options.config
  const { clock, report } = options.ports
  const { activeMs } = options
  const reports = createBudgetReports(budget, report)
  const accounts = createBudgetAccounts(options, reports)
  const rooms = createBudgetRooms(budget, accounts, clock)
  const admission = (wpId: WpId, role: Role) => admissionOf(wpId, role, accounts.ledger(), budget)

  return {
    whyHeld: (wpId, role) => {
      const answer = admission(wpId, role)
      return answer.kind === 'held' ? `${whyOver(answer.level)} -> ${resumeAbove([answer.level])}` : null
    },
    reportHeld: (wpId, role) => {
      const answer = admission(wpId, role)
      if (answer.kind === 'held') reports.level(answer.level, 'reached')
    },
    waitOrHeld: wait => {
      const level = ceilingBefore(wait.until, accounts.ledger(), budget)
      if (!level) return wait
      reports.level(level, 'reached')
      const reason = `${whyOver(level)} -> ${resumeAbove([level])}; it waits for this: ${wait.reason}`
      return { kind: 'finish', end: 'held', by: 'budget', reason }
    },
    withRoom: async (wpId, role, start) => {
      for (;;) {
        const answer = admission(wpId, role)
        if (answer.kind === 'held') return null
        if (answer.kind === 'room') break
        await rooms.nextEnd()
      }
      return rooms.run({ wpId, role, startedAtMs: activeMs(), stop: new AbortController(), begun: false }, start)
    },
    withAdopted: (wpId, { role, startedAt }, follow) => {
      const startedAtMs = activeMs() - Math.max(0, clock.now() - Date.parse(startedAt))
      const adopted = { wpId, role, startedAtMs, stop: new AbortController(), begun: true }
      const ended = rooms.run(adopted, follow)
      // A ceiling may have been passed while sko was not running, or may have changed.
      accounts.checkCeilings(wpId, role)
      return ended
    },
    bookUnseen: accounts.book,
    resumeCommand: reports.resumeCommand,
    used: () =>
      budgetUnits.map(unit => ({ unit, ceiling: budget[unit], ...usedOf({ unit, wpId: null }, accounts.ledger()) })),
  }
}
