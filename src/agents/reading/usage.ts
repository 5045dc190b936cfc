import { isRecord } from '../../core/json.ts'
import type { Usage } from '../../core/work-package/work-package.ts'

/** Sum of the numbers that a record has under these keys; null: it has none. */
export function sumOf(record: unknown, keys: readonly string[]): number | null {
  if (!isRecord(record)) return null
  const known = keys.map(key => record[key]).filter(value => typeof value === 'number')
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null
}

/** null when nothing is known. An impossible number counts as unknown: negative, or infinite, such as `1e999`. */
export function usageOf(input: number | null, output: number | null, cost: number | null): Usage | null {
  const [inputTokens, outputTokens, costUsd] = [possible(input), possible(output), possible(cost)]
  return inputTokens === null && outputTokens === null && costUsd === null
    ? null
    : { inputTokens, outputTokens, costUsd }
}

function possible(value: number | null): number | null {
  return value !== null && value >= 0 && Number.isFinite(value) ? value : null
}

/** For CLIs that report each step. If one step lacks a value, so does the sum. */
export function totalUsage(steps: readonly (Usage | null)[]): Usage | null {
  if (steps.length === 0) return null
  const total = (key: keyof Usage) =>
    steps.reduce<number | null>(
      (sum, step) => (sum === null || step === null || step[key] === null ? null : sum + step[key]),
      0,
    )
  return usageOf(total('inputTokens'), total('outputTokens'), total('costUsd'))
}
