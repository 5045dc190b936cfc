import type { RunContext } from '../run-context.ts'
import { faultPausesMs, isFault } from '../steps/mutate.ts'
import { look, type Mission } from './look.ts'

/** A look that a person waits for. A call without an answer is repeated. */
export async function lookAgain(run: RunContext): Promise<Mission> {
  for (const pause of faultPausesMs) {
    const answer = await run.ports.host.missionState({ mission: run.mission })
    if (answer.ok || !isFault(answer.code) || run.stopping.aborted) return look(run.ports.host, run.mission, answer)
    await run.ports.clock.sleep(pause, run.stopping)
  }
  return look(run.ports.host, run.mission)
}
