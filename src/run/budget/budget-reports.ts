import type { BudgetUnit, Expense, Level } from '../../core/budget/budget.ts'
import { resumeAbove } from '../../core/budget/budget-words.ts'
import type { RunRules } from '../../core/rules.ts'
import type { Attempt } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'

/** Reports about the ceilings of a run, each once. */
export interface BudgetReports {
  level(level: Level, kind: 'warned' | 'reached'): void
  /** An attempt has ended. Reports a unit that a ceiling limits and that the agent did not count. */
  expense(expense: Expense, attempt: Attempt): void
  /** The command that continues with higher ceilings than those that were reached. */
  resumeCommand(): string
}

export function createBudgetReports(budget: RunRules['budget'], report: Ports['report']): BudgetReports {
  const reported = new Set<string>()
  const reached = new Map<string, Level>()
  const uncounted = new Set<BudgetUnit>()
  return {
    level: (level, kind) => {
      const ceiling = `${level.unit} ${level.wpId}`
      if (kind === 'reached') reached.set(ceiling, level)
      if (reported.has(`${kind} ${ceiling}`)) return
      reported.add(`${kind} ${ceiling}`)
      const above = { command: resumeAbove([level]), why: 'continues above this ceiling' }
      report({ type: 'budget', level: kind, ...level, next: kind === 'reached' ? [above] : [] })
    },
    expense: ({ wpId, amounts }, { agent }) => {
      for (const unit of ['usd', 'tokens'] as const) {
        const limited = budget[unit] !== null || budget.work_package[unit] !== null
        if (!limited || amounts[unit].complete || uncounted.has(unit)) continue
        uncounted.add(unit)
        report({ type: 'usage-unknown', wpId, agent, unit })
      }
    },
    resumeCommand: () => resumeAbove([...reached.values()]),
  }
}
