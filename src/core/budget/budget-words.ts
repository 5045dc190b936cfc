import type { BudgetUnit, Level } from './budget.ts'

const units: Readonly<Record<BudgetUnit, { readonly name: string; readonly unknown: string; readonly flag: string }>> =
  {
    usd: { name: 'USD', unknown: 'cost', flag: 'budget-usd' },
    tokens: { name: 'tokens', unknown: 'token count', flag: 'budget-tokens' },
    wall_clock_seconds: { name: 's of wall clock', unknown: 'duration', flag: 'budget-seconds' },
  }

export type Used = Pick<Level, 'unit' | 'spent' | 'unknownAttempts'> & { readonly ceiling: number | null }

/** `0.90 of 1.00 USD (2 attempts of unknown cost)`. */
export function usedOfCeiling({ unit, spent, ceiling, unknownAttempts }: Used): string {
  const { name, unknown } = units[unit]
  const of = ceiling === null ? '' : ` of ${figure(unit, ceiling)}`
  const attempts = unknownAttempts === 1 ? 'attempt' : 'attempts'
  // No attempt reported anything, which is not zero.
  if (ceiling === null && spent === 0 && unknownAttempts > 0)
    return `${unknown} unknown (${unknownAttempts} ${attempts})`
  const more = unknownAttempts === 0 ? '' : ` (${unknownAttempts} ${attempts} of unknown ${unknown})`
  return `${figure(unit, spent)}${of} ${name}${more}`
}

/** `the run has used 0.90 of 1.00 USD`. */
export function whatIsUsed(level: Level): string {
  return `${level.wpId ?? 'the run'} has used ${usedOfCeiling(level)}`
}

/** Text for a ceiling that is near. */
export function nearCeiling({ unit, ceiling }: Level): string {
  return `80 % of ${figure(unit, ceiling)} ${units[unit].name} is used`
}

/** Why no new attempt starts, without the next command. */
export function whyOver(level: Level): string {
  const { unit, projected } = level
  const next = projected > 0 ? `, and the next attempt is expected to add ${figure(unit, projected)}` : ''
  return `${whatIsUsed(level)}${next}`
}

/** The name of what an attempt did not report. */
export function unknownOf(unit: BudgetUnit): string {
  return units[unit].unknown
}

/** The command that continues with higher ceilings. */
export function resumeAbove(levels: readonly Level[]): string {
  const flags = new Map<string, number>()
  for (const level of levels) {
    const flag = `--${level.wpId === null ? '' : 'wp-'}${units[level.unit].flag}`
    flags.set(flag, Math.max(flags.get(flag) ?? 0, enough(level)))
  }
  return ['sko resume', ...[...flags].map(([flag, amount]) => `${flag} ${amount}`)].join(' ')
}

/** Twice the ceiling, or the usage so far plus two more attempts, whichever is more. */
function enough({ unit, spent, ceiling, projected }: Level): number {
  const amount = Math.max(2 * ceiling, spent + 2 * projected)
  return unit === 'usd' ? Math.ceil(amount * 100) / 100 : Math.ceil(amount)
}

/** Two decimals, or more for amounts below ten cents. */
function figure(unit: BudgetUnit, amount: number): string {
  if (unit !== 'usd') return Math.round(amount).toLocaleString('en-US')
  return amount > 0 && amount < 0.1 ? String(Number(amount.toPrecision(2))) : amount.toFixed(2)
}
