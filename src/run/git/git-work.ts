import type { GitFailure, GitOutcome } from './git-outcome.ts'

/**
 * Work that ends at its first git failure. Only the caller of `outcomeOf` decides what the failure means, so a step does
 * not check each call. In such work `yield* need(call)` takes the place of `await call`, and other work is called with
 * `yield*` as well. It is an async generator that yields the failure and is not continued after that.
 */
export type GitWork<T> = AsyncGenerator<GitFailure, T, never>

/** The data of a git call. A failure ends the work. */
export async function* need<T>(call: Promise<GitOutcome<T>>): GitWork<T> {
  const outcome = await call
  return outcome.ok ? outcome.data : yield outcome
}

/** Does all of them at the same time. If several fail, the first of the list counts. */
export async function* inParallel<T>(works: readonly GitWork<T>[]): GitWork<readonly T[]> {
  const found: T[] = []
  for (const outcome of await Promise.all(works.map(outcomeOf))) found.push(outcome.ok ? outcome.data : yield outcome)
  return found
}

/** Does both at the same time. If both fail, the first counts. */
export async function* both<A, B>(first: GitWork<A>, second: GitWork<B>): GitWork<readonly [A, B]> {
  const [a, b] = await Promise.all([outcomeOf(first), outcomeOf(second)])
  return [a.ok ? a.data : yield a, b.ok ? b.data : yield b]
}

/** Does the work. */
export async function outcomeOf<T>(work: AsyncIterator<GitFailure, T, never>): Promise<GitOutcome<T>> {
  const reached = await work.next()
  if (reached.done) return { ok: true, data: reached.value }
  // Runs its `finally` blocks; of an iterator, `return` needs no value.
  await work.return?.()
  return reached.value
}
