import { laneName } from '../../core/mission/lane.ts'
import type { Standing } from '../mission/standing.ts'
import type { RunContext } from '../run-context.ts'

/**
 * What a person can do about WPs that the host lists but whose file was removed. Measured (3.2.7): the host keeps listing
 * them and refuses every call without the file, so a skip needs the file too.
 */
export async function whatBringsFilesBack(
  run: RunContext,
  unfinished: readonly Standing[],
): Promise<readonly string[]> {
  const stopped = unfinished.filter(
    ({ node, reason, heldBy }) => reason && !heldBy && !atRest.includes(laneName(node.lane)),
  )
  const commands: string[] = []
  for (const { wpId } of stopped.map(({ node }) => node)) {
    const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
    if (answer.ok || answer.code !== 'WP_NOT_FOUND') continue
    const back = await run.ports.mainCheckout.bringBack(wpId)
    if (back === null) continue
    commands.push(
      `${back} && sko resume   (restores the file of ${wpId}, then continues)`,
      `${back} && sko skip ${wpId} --reason 'its file was removed'   (takes ${wpId} out of the mission: the host needs its file for that)`,
    )
  }
  return commands
}

/** Lanes in which a person has decided about the WP, or is asked to by another command. */
const atRest = ['blocked', 'canceled', 'approved', 'done']
