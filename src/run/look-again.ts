import type { WpId } from '../core/ids.ts'
import { look, type Mission } from './look.ts'
import { faultPausesMs, isFault } from './mutate.ts'
import type { RunContext } from './run-context.ts'

/** A look in the middle of a run: one that fails without an answer is tried again before hours of work are ended. */
export async function lookAgain(run: RunContext): Promise<Mission> {
  for (const pause of faultPausesMs) {
    const answer = await run.ports.host.missionState({ mission: run.mission })
    if (answer.ok || !isFault(answer.code) || run.stopping.aborted) return look(run.ports.host, run.mission, answer)
    await run.ports.clock.sleep(pause, run.stopping)
  }
  return look(run.ports.host, run.mission)
}

/** A canceled dependency releases its dependents only if an operator command canceled it, which only list-ready knows. */
export async function askReleased(
  run: RunContext,
  held: readonly WpId[],
  released: Set<WpId>,
  closed: Map<WpId, string>,
): Promise<void> {
  const answer = await run.ports.host.listReady({ mission: run.mission })
  const ready = answer.ok ? new Set(answer.data.ready_work_packages.map(wp => wp.wp_id)) : new Set<string>()
  for (const wpId of held) {
    if (ready.has(wpId)) released.add(wpId)
    else closed.set(wpId, 'a dependency is canceled, and the host does not release what depends on it')
  }
}
