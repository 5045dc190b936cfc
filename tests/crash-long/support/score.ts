import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KillResult } from './kills.ts'

/** Tells of each result at once, in a file, and of all at the end. */
export interface Score {
  add(name: string, result: KillResult): void
  readonly failures: readonly string[]
  summary(): string
}

export function createScore(title: string): Score {
  const file = join(process.env.SKO_CRASH_RESULTS ?? '.cache/crash', `${title.replaceAll(' ', '-')}.ndjson`)
  mkdirSync(dirname(file), { recursive: true })
  const began = performance.now()
  const results: KillResult[] = []
  const failures: string[] = []
  const count = (matches: (result: KillResult) => boolean) => results.filter(matches).length
  const sum = (value: (result: KillResult) => number) => results.reduce((total, result) => total + value(result), 0)
  return {
    failures,
    add(name, result) {
      results.push(result)
      if (result.problems.length > 0) failures.push([name, ...result.killedAt, ...result.problems].join('\n  '))
      appendFileSync(file, `${JSON.stringify({ name, ...result })}\n`)
    },
    summary: () =>
      [
        `${title}: ${results.length - failures.length} of ${results.length} reached the end of the undisturbed run`,
        `  not killed, as the point never came: ${count(({ killedAt }) => killedAt.length === 0)}`,
        `  kills: ${sum(({ killedAt }) => killedAt.length)}; needed more than one resume: ${count(({ resumes }) => resumes > 1)}`,
        `  agents started again: ${sum(({ extraAttempts }) => Math.max(0, extraAttempts))} in ${count(({ extraAttempts }) => extraAttempts > 0)} of them`,
        `  ${Math.round((performance.now() - began) / 1000)} s; every one in ${file}`,
      ].join('\n'),
  }
}
