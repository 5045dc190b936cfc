import type { FinishProgress } from '../../core/mission/finish-progress.ts'
import type { HostFailure } from '../host/host-outcome.ts'
import type { RunContext } from '../run-context.ts'
import { endRunIfHopeless, isFault } from '../steps/mutate.ts'

/**
 * Has the mission accepted; null: it is. Nobody can read back whether it was, so what has been begun is remembered before
 * the call: whoever comes after a crash then waits for the answer of that one instead of asking for a second acceptance.
 */
export async function accept(run: RunContext, progress: FinishProgress): Promise<HostFailure | null> {
  const { host, store, report } = run.ports
  const calledBefore = progress.acceptStarted
  if (!calledBefore) await store.saveFinish({ ...progress, acceptStarted: true })
  const keptAnswer = { file: store.acceptanceFile(), calledBefore }
  const answer = await host.acceptMission({ mission: run.mission, keptAnswer })
  if (answer.ok) {
    await store.saveFinish({ ...progress, acceptStarted: true, accepted: true })
    report({ type: 'accepted' })
    return null
  }
  endRunIfHopeless(answer)
  // It said no, and agents may work again before it is asked again: what lies in the file then is not believed.
  if (!isFault(answer.code)) await store.saveFinish({ ...progress, acceptStarted: false })
  return answer
}
