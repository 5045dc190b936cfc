import { differencesIn, type MainLook, type Strayed } from '../../core/repository/strayed.ts'
import type { AttemptOutcome, AttemptRequest, Ports, RunAgent } from '../ports.ts'

/** git in the main checkout. Writes nothing except copies under `refs/sko/kept`. */
export interface WatchedCheckout {
  readonly path: string
  /** null when git cannot tell. */
  look(): Promise<MainLook | null>
  /** Files that differ between two commits, without the host's own. */
  changedBetween(before: string, after: string): Promise<readonly string[]>
  /** Copies everything that is not ignored. Returns the ref, or null when that failed. */
  keep(why: string): Promise<string | null>
}

/**
 * An agent may work in the main checkout, by an absolute path, and change nothing in its worktree. So the checkout is
 * compared before and after each attempt. A person or another attempt may work there too, so the change is reported
 * without an author.
 */
export function watchMainCheckout(runAgent: RunAgent, checkout: WatchedCheckout, report: Ports['report']): RunAgent {
  const running = new Set<{ alone: boolean }>()
  return async (request, control) => {
    const before = await checkout.look()
    const self = { alone: running.size === 0 }
    for (const other of running) other.alone = false
    running.add(self)
    try {
      const outcome = await runAgent(request, control)
      // Do not delay a run that is stopping.
      if (before === null || outcome.end.kind === 'aborted') return outcome
      return await withStrayed(outcome, request, before, self)
    } finally {
      running.delete(self)
    }
  }

  async function withStrayed(
    outcome: AttemptOutcome,
    { wpId, role, agent, attempt }: AttemptRequest,
    before: MainLook,
    self: { readonly alone: boolean },
  ): Promise<AttemptOutcome> {
    const after = await checkout.look()
    if (after === null) return outcome
    const committed = before.head === after.head ? [] : await checkout.changedBetween(before.head, after.head)
    const { files, refs } = differencesIn(before, after, committed)
    if (files.length === 0 && refs.length === 0) return outcome
    const why = `changed while ${wpId}'s attempt ${attempt} ran`
    const kept = files.length === 0 ? null : await checkout.keep(why)
    // After a switch the two commits belong to different branches.
    const isMoved = committed.length > 0 && before.branch !== null && before.branch === after.branch
    const moved = isMoved ? { moved: { from: before.head, to: after.head } } : {}
    const strayed: Strayed = { main: checkout.path, files, refs, alone: self.alone, kept, ...moved }
    report({ type: 'main-checkout-changed', wpId, role, agent, attempt, ...strayed })
    return { ...outcome, strayed }
  }
}
