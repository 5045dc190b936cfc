import { isRecord } from '../../core/json.ts'
import type { Usage } from '../../core/work-package/work-package.ts'

/** Sum of those numbers of a record that are there; null when none is. */
export function sumOf(record: unknown, keys: readonly string[]): number | null {
  if (!isRecord(record)) return null
  const known = keys.map(key => record[key]).filter(value => typeof value === 'number')
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null
}

/** null when nothing is known. A number that cannot be is not known: negative, or read from `1e999`. */
export function usageOf(input: number | null, output: number | null, cost: number | null): Usage | null {
  const [inputTokens, outputTokens, costUsd] = [possible(input), possible(output), possible(cost)]
  return inputTokens === null && outputTokens === null && costUsd === null
    ? null
    : { inputTokens, outputTokens, costUsd }
}

function possible(value: number | null): number | null {
  return value !== null && value >= 0 && Number.isFinite(value) ? value : null
}

/** Of CLIs that account for each step; what one step does not tell, the sum does not either. */
export function totalUsage(steps: readonly (Usage | null)[]): Usage | null {
  if (steps.length === 0) return null
  const total = (key: keyof Usage) =>
    steps.reduce<number | null>(
      (sum, step) => (sum === null || step === null || step[key] === null ? null : sum + step[key]),
      0,
    )
  return usageOf(total('inputTokens'), total('outputTokens'), total('costUsd'))
}
