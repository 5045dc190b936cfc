import type { Observation } from './replay.ts'

/** One difference between two replays. */
export interface Difference {
  /** The step, or the part of the outcome, e.g. `refs > refs/heads/main`. */
  readonly where: string
  readonly expected: string
  readonly observed: string
}

/** How much of a text is shown around the first character that differs. */
const shownCharacters = 120

export function differences(expected: Observation, observed: Observation): readonly Difference[] {
  return differ([], expected, observed)
}

function differ(path: readonly string[], expected: unknown, observed: unknown): readonly Difference[] {
  if (isRecord(expected) && isRecord(observed)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(observed)])]
    return keys.flatMap(key => differ([...path, key], expected[key], observed[key]))
  }
  const [before, now] = [textOf(expected), textOf(observed)]
  if (before === now) return []
  const start = Math.max(0, firstDifference(before, now) - shownCharacters / 2)
  const shown = (text: string) => text.slice(start, start + shownCharacters)
  return [{ where: path.join(' > '), expected: shown(before), observed: shown(now) }]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}

function firstDifference(one: string, other: string): number {
  const index = [...one].findIndex((character, position) => character !== other[position])
  return index === -1 ? one.length : index
}
