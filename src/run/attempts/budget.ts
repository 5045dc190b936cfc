import {
  admissionOf,
  type BudgetUnit,
  budgetUnits,
  ceilingBefore,
  ceilingsOver,
  expenseOf,
  expensesOfRun,
  isNear,
  isReached,
  type Ledger,
  type Level,
  levelOf,
  nextMark,
  type RunningAttempt,
  usedOf,
} from '../../core/budget/budget.ts'
import { resumeAbove, type Used, unknownOf, whyOver } from '../../core/budget/budget-words.ts'
import type { WpId } from '../../core/ids.ts'
import type { RunRules } from '../../core/rules.ts'
import type { FinishStep, WaitStep } from '../../core/work-package/step.ts'
import type { Attempt, Role, WpRecord } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'
import type { EndedAttempt } from './ended-attempt.ts'

/** What one run may use, and has used. */
export interface RunBudget {
  /** Why no attempt of the role may begin on this WP, and the way out; null: it may. */
  whyHeld(wpId: WpId, role: Role): string | null
  /** To be said once that an attempt was really held. */
  tellHeld(wpId: WpId, role: Role): void
  /** A wait that ends only when nothing may begin any more is no use: the WP is held instead. */
  waitOrHeld(wait: WaitStep): WaitStep | FinishStep
  /** Runs `start` once there is room for its attempt; null: there is none, by a ceiling. */
  withRoom(wpId: WpId, role: Role, start: (room: Room) => Promise<EndedAttempt>): Promise<EndedAttempt | null>
  /** Runs `follow` for an attempt that is at work already: there is room for it, whatever it takes. */
  withAdopted(wpId: WpId, attempt: Attempt, follow: (room: Room) => Promise<EndedAttempt>): Promise<EndedAttempt>
  /** An attempt that ended unseen. */
  bookUnseen(wpId: WpId, attempt: Attempt): void
  /** The command that goes on above the ceilings that held something. */
  resumeCommand(): string
  used(): readonly Used[]
}

/** What was kept free for one attempt. */
export interface Room {
  /** Aborted when a ceiling is reached and `budget.running` is `stop`. */
  readonly stop: AbortSignal
  /** Called when it really begins. False: what others have used since it was let in leaves no room for it. */
  take(): boolean
  /** Called before anybody who waits for what becomes of this attempt hears of its end. */
  book(attempt: Attempt): void
}

export interface RunBudgetOptions {
  readonly config: RunRules
  /** As stored when this process began. */
  readonly records: readonly WpRecord[]
  readonly runStartedAt: string
  /** For how long processes of this run were at work, up to now. */
  readonly activeMs: () => number
  readonly ports: Pick<Ports, 'clock' | 'report'>
}

interface StartedAttempt extends RunningAttempt {
  readonly stop: AbortController
  /** False: it was let in, and waits for others. */
  begun: boolean
}

export function createRunBudget({ config, records, runStartedAt, activeMs, ports }: RunBudgetOptions): RunBudget {
  const { budget } = config
  const { clock, report } = ports
  const ended = [...expensesOfRun(records, runStartedAt)]
  const running = new Set<StartedAttempt>()
  const waiting = new Set<() => void>()
  const told = new Set<string>()
  const reached = new Map<string, Level>()
  const untold = new Set<BudgetUnit>()

  const ledger = (counted: readonly StartedAttempt[] = [...running]): Ledger => ({
    ended,
    running: counted,
    activeMs: activeMs(),
    now: clock.now(),
  })

  const tell = (level: Level, kind: 'warned' | 'reached'): void => {
    const ceiling = `${level.unit} ${level.wpId}`
    if (kind === 'reached') reached.set(ceiling, level)
    if (told.has(`${kind} ${ceiling}`)) return
    told.add(`${kind} ${ceiling}`)
    report({ type: 'budget', level: kind, ...level })
  }

  const lookAt = (wpId: WpId, role: Role): void => {
    const levels = ceilingsOver(wpId, budget).map(ceiling => levelOf(ceiling, role, ledger()))
    for (const level of levels) if (isNear(level)) tell(level, 'warned')
    const stops = budget.running === 'stop' ? levels.filter(isReached) : []
    for (const level of stops) {
      const attempts = [...running].filter(attempt => level.wpId === null || attempt.wpId === level.wpId)
      if (attempts.length > 0) tell(level, 'reached')
      for (const attempt of attempts) attempt.stop.abort()
    }
  }

  const watchClock = async (wpId: WpId, role: Role, over: AbortSignal): Promise<void> => {
    for (;;) {
      const ms = nextMark(wpId, ledger(), budget)
      if (ms === null) return
      await clock.sleep(ms, over)
      if (over.aborted) return
      lookAt(wpId, role)
    }
  }

  const book = (wpId: WpId, attempt: Attempt): void => {
    const expense = expenseOf(wpId, attempt)
    if (!expense) return
    ended.push(expense)
    for (const unit of ['usd', 'tokens'] as const) {
      const limited = budget[unit] !== null || budget.work_package[unit] !== null
      if (!limited || expense.amounts[unit].complete || untold.has(unit)) continue
      untold.add(unit)
      const message = `${wpId}: an attempt by ${attempt.agent} ended without its ${unknownOf(unit)}, which budget.${unit} then cannot count`
      report({ type: 'warning', message, hint: 'budget.wall_clock_seconds counts every agent' })
    }
  }

  const anEnd = (): Promise<void> => new Promise(resolve => waiting.add(resolve))

  const admission = (wpId: WpId, role: Role) => admissionOf(wpId, role, ledger(), budget)

  const roomOf = (me: StartedAttempt): Room => ({
    stop: me.stop.signal,
    take: () => {
      const begun = ledger([...running].filter(attempt => attempt.begun))
      me.begun = admissionOf(me.wpId, me.role, begun, budget).kind === 'room'
      return me.begun
    },
    book: attempt => {
      running.delete(me)
      book(me.wpId, attempt)
    },
  })

  const occupying = async (me: StartedAttempt, start: (room: Room) => Promise<EndedAttempt>): Promise<EndedAttempt> => {
    const { wpId, role } = me
    running.add(me)
    const over = new AbortController()
    const watched = watchClock(wpId, role, over.signal)
    try {
      return await start(roomOf(me))
    } finally {
      running.delete(me)
      lookAt(wpId, role)
      for (const goOn of waiting) goOn()
      waiting.clear()
      over.abort()
      await watched
    }
  }

  return {
    whyHeld: (wpId, role) => {
      const answer = admission(wpId, role)
      return answer.kind === 'held' ? `${whyOver(answer.level)} -> ${resumeAbove([answer.level])}` : null
    },
    tellHeld: (wpId, role) => {
      const answer = admission(wpId, role)
      if (answer.kind === 'held') tell(answer.level, 'reached')
    },
    waitOrHeld: wait => {
      const level = ceilingBefore(wait.until, ledger(), budget)
      if (!level) return wait
      tell(level, 'reached')
      const reason = `${whyOver(level)} -> ${resumeAbove([level])}; it waits for this: ${wait.reason}`
      return { kind: 'finish', end: 'held', by: 'budget', reason }
    },
    withRoom: async (wpId, role, start) => {
      for (;;) {
        const answer = admission(wpId, role)
        if (answer.kind === 'held') return null
        if (answer.kind === 'room') break
        await anEnd()
      }
      return occupying({ wpId, role, startedAtMs: activeMs(), stop: new AbortController(), begun: false }, start)
    },
    withAdopted: (wpId, { role, startedAt }, follow) => {
      const startedAtMs = activeMs() - Math.max(0, clock.now() - Date.parse(startedAt))
      const adopted = { wpId, role, startedAtMs, stop: new AbortController(), begun: true }
      const ended = occupying(adopted, follow)
      // A ceiling may have been passed while nobody looked, or be another one now.
      lookAt(wpId, role)
      return ended
    },
    bookUnseen: book,
    resumeCommand: () => resumeAbove([...reached.values()]),
    used: () => budgetUnits.map(unit => ({ unit, ceiling: budget[unit], ...usedOf({ unit, wpId: null }, ledger()) })),
  }
}
