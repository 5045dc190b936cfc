import { admissionOf, nextMark } from '../../core/budget/budget.ts'
import type { WpId } from '../../core/ids.ts'
import type { RunRules } from '../../core/rules.ts'
import type { Attempt, Role } from '../../core/work-package/work-package.ts'
import type { EndedAttempt } from '../attempts/ended-attempt.ts'
import type { Clock } from '../clock.ts'
import type { BudgetAccounts, StartedAttempt } from './budget-accounts.ts'

/** The budget reserved for one attempt. */
export interface Room {
  /** Aborted when a ceiling is reached and `budget.running` is `stop`. */
  readonly stop: AbortSignal
  /** Called when it really starts. False when others have used the budget in the meantime. */
  take(): boolean
  /** Called before anything that waits for this attempt sees its end. */
  book(attempt: Attempt): void
}

/** The running attempts, each with its reserved budget. */
export interface BudgetRooms {
  /** Resolves when the next attempt ends. */
  nextEnd(): Promise<void>
  /** Runs `start`, and counts its attempt until it has ended. */
  run(me: StartedAttempt, start: (room: Room) => Promise<EndedAttempt>): Promise<EndedAttempt>
}

export function createBudgetRooms(budget: RunRules['budget'], accounts: BudgetAccounts, clock: Clock): BudgetRooms {
  const waiting = new Set<() => void>()

  const watchClock = async (wpId: WpId, role: Role, over: AbortSignal): Promise<void> => {
    for (;;) {
      const ms = nextMark(wpId, accounts.ledger(), budget)
      if (ms === null) return
      await clock.sleep(ms, over)
      if (over.aborted) return
      accounts.checkCeilings(wpId, role)
    }
  }

  const roomOf = (me: StartedAttempt): Room => ({
    stop: me.stop.signal,
    take: () => {
      const begun = accounts.ledger([...accounts.running].filter(attempt => attempt.begun))
      me.begun = admissionOf(me.wpId, me.role, begun, budget).kind === 'room'
      return me.begun
    },
    book: attempt => {
      accounts.running.delete(me)
      accounts.book(me.wpId, attempt)
    },
  })

  return {
    nextEnd: () => new Promise(resolve => waiting.add(resolve)),
    run: async (me, start) => {
      const { wpId, role } = me
      accounts.running.add(me)
      const over = new AbortController()
      const watched = watchClock(wpId, role, over.signal)
      try {
        return await start(roomOf(me))
      } finally {
        accounts.running.delete(me)
        accounts.checkCeilings(wpId, role)
        for (const goOn of waiting) goOn()
        waiting.clear()
        over.abort()
        await watched
      }
    },
  }
}
