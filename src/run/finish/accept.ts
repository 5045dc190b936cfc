import type { FinishProgress } from '../../core/mission/finish-progress.ts'
import type { HostFailure } from '../host/host-outcome.ts'
import type { RunContext } from '../run-context.ts'
import { endRunIfHopeless, isFault } from '../steps/mutate.ts'

/**
 * Asks the host to accept the mission; null on success. An acceptance cannot be read back, so the start is saved before
 * the call. After a crash the next process waits for the answer of that call instead of asking for a second acceptance.
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
  // The host refused. Agents may run before it is asked again, so the answer in the file must not count then.
  if (!isFault(answer.code)) await store.saveFinish({ ...progress, acceptStarted: false })
  return answer
}
