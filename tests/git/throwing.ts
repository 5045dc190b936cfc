import { GitError } from '../../src/git/git-error.ts'
import { createCommits as commitsPort } from '../../src/git/history/commits.ts'
import { createWorkspace as workspacePort } from '../../src/git/worktree/workspace.ts'
import type { GitFailure, GitOutcome } from '../../src/run/git/git-outcome.ts'

type DataOf<R> = R extends GitFailure ? never : R extends { readonly ok: true; readonly data: infer Data } ? Data : R

/** A port of git whose methods return the data, and throw a failure, so that a test has one line per call. */
export type Throwing<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer R>
    ? (...args: Args) => Promise<DataOf<R>>
    : Port[Name]
}

export function createWorkspace(...place: Parameters<typeof workspacePort>) {
  return throwing(workspacePort(...place))
}

export function createCommits(root: string) {
  return throwing(commitsPort(root))
}

class Failed extends GitError {
  private readonly failure: GitFailure

  constructor(failure: GitFailure) {
    super(failure.message)
    this.failure = failure
  }

  override cureOn(laneBranch: string | null): string | null {
    return this.failure.cureOn(laneBranch)
  }
}

function throwing<Port extends object>(port: Port): Throwing<Port> {
  const plain: object = new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: readonly unknown[]) => {
        const answer: unknown = await Reflect.apply(method, target, args)
        if (!isOutcome(answer)) return answer
        if (!answer.ok) throw new Failed(answer)
        return answer.data
      }
    },
  })
  return plain as Throwing<Port>
}

function isOutcome(answer: unknown): answer is GitOutcome<unknown> {
  return typeof answer === 'object' && answer !== null && 'ok' in answer
}
