import type { Helper } from './helper.ts'
import { within } from './within.ts'

const lookMs = 2000
const longestWaitMs = 60_000
/** Several times what a cold call takes. */
const mostCpuSeconds = 10

/**
 * Waits until the helper is ready; null: a cold call is likely to answer sooner. Loading takes about as much processor
 * time as a cold call, so a helper that is slow because the machine is busy is still the faster way. One that uses none
 * is stuck in an import.
 */
export async function whileLoading(
  helper: Pick<Helper, 'ready' | 'cpuSeconds'>,
): Promise<Awaited<Helper['ready']> | null> {
  let used = helper.cpuSeconds()
  for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += lookMs) {
    const how = await within(lookMs, helper.ready)
    if (how !== null) return how
    const now = helper.cpuSeconds()
    if (now === used || now === null || now > mostCpuSeconds) return null
    used = now
  }
  return null
}
