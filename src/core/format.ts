import type { Usage } from './work-package/work-package.ts'

/** `1.2 s`, `4 m 05 s`, `2 h 03 m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(Math.max(0, milliseconds) / 100) / 10
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${pad(Math.floor(seconds % 60))} s`
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

/** `12,300 tokens, $0.42`, or `unknown`, which is not the same as zero. */
export function usage(used: Usage | null): string {
  if (!used) return 'unknown'
  const tokens = sum(used.inputTokens, used.outputTokens)
  const parts = [
    tokens === null ? null : `${tokens.toLocaleString('en-US')} tokens`,
    used.costUsd === null ? null : `$${used.costUsd.toFixed(2)}`,
  ].filter(part => part !== null)
  return parts.join(', ') || 'unknown'
}

function sum(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0)
}

/** `a, b, c and 4 more` */
export function someOf(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

/** Enough for a line of its own. */
export function listed(names: readonly string[]): string {
  return someOf(names, 20)
}

/** Columns as wide as their widest cell, and no blanks at the end of a line. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map(line => line.trimEnd())
    .join('\n')
}
