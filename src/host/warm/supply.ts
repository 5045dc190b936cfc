import type { Helper, WhyCold } from './helper.ts'
import { createLatch } from './latch.ts'
import { whileLoading } from './while-loading.ts'
import { within } from './within.ts'

/** Starts the helper, and starts it again when it dies. */
export interface Supply {
  /** The helper, once it is ready; null: make the call cold. */
  next(): Promise<Helper | null>
  /** From now on `next` answers null. Running calls end as they would. */
  goCold(why: WhyCold): void
  /** Calls the listener once, when `goCold` was or is called. */
  onCold(listener: (why: WhyCold) => void): void
  close(): void
}

const longestLoadMs = 120_000
/** With fewer calls a helper has not paid for its start. */
const payingCalls = 5
const fruitlessStarts = 3

interface Start {
  readonly helper: Promise<Helper | null>
  /** Whether calls no longer wait for it. */
  isLate: boolean
  calls: number
}

export function createSupply(open: () => Promise<Helper>): Supply {
  const cold = createLatch<WhyCold>()
  let isClosed = false
  let fruitless = 0
  let current = start()
  cold.onSet(() => void current.helper.then(helper => helper?.retire()))

  function start(): Start {
    const helper = open().catch(() => null)
    const started: Start = { helper, isLate: false, calls: 0 }
    void helper.then(opened => lookAfter(started, opened))
    return started
  }

  async function lookAfter(started: Start, helper: Helper | null): Promise<void> {
    const tooSlow = setTimeout(() => cold.set({ cause: 'too-slow', detail: null }), longestLoadMs).unref()
    await helper?.ready
    clearTimeout(tooSlow)
    await helper?.closed
    if (cold.get() !== null || isClosed) return
    fruitless = started.calls < payingCalls ? fruitless + 1 : 0
    if (fruitless < fruitlessStarts) current = start()
    else cold.set({ cause: 'helper-died', detail: null })
  }

  async function next(): Promise<Helper | null> {
    while (cold.get() === null && !isClosed) {
      const started = current
      const helper = await started.helper
      if (helper === null) return null
      const how = (await within(0, helper.ready)) ?? (started.isLate ? null : await whileLoading(helper))
      if (how === null) {
        started.isLate = true
        return null
      }
      if (how === 'ready') {
        started.calls++
        return helper
      }
      // `lookAfter` waits for the same, and starts the next one before this continues.
      if (how === 'died') await helper.closed
      else cold.set(how)
    }
    return null
  }

  const close = () => {
    isClosed = true
    void current.helper.then(helper => helper?.close())
  }
  return { next, goCold: cold.set, onCold: cold.onSet, close }
}
