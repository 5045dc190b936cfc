import type { GitOutcome } from '../run/git/git-outcome.ts'
import { GitError } from './git-error.ts'

/** Makes a method of a port: a `GitError` that it throws is returned as a failure. */
export function asValue<Args extends readonly unknown[], T>(
  method: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<GitOutcome<T>> {
  return async (...args) => {
    try {
      return { ok: true, data: await method(...args) }
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      return { ok: false, message: error.message, cureOn: laneBranch => error.cureOn(laneBranch) }
    }
  }
}
