import type { WpId } from '../../core/ids.ts'
import { laneName } from '../../core/mission/lane.ts'
import { andResume, type NextCommand } from '../../core/next-command.ts'
import type { WpResult } from '../mission/wp-result.ts'
import type { RunContext } from '../run-context.ts'

/** What a person can do about WPs whose file was removed. */
export async function whatBringsFilesBack(
  run: RunContext,
  unfinished: readonly WpResult[],
): Promise<readonly NextCommand[]> {
  const stopped = unfinished.filter(
    ({ node, reason, heldBy }) => reason && !heldBy && !atRest.includes(laneName(node.lane)),
  )
  const commands: NextCommand[] = []
  for (const { node } of stopped) commands.push(...(await whatBringsFileBack(run, node.wpId)))
  return commands
}

/**
 * For one WP; empty: its file is there, or git does not have it. Measured (3.2.7): the host keeps listing a WP without its
 * file and does nothing for it, so that a skip needs the file as well.
 */
export async function whatBringsFileBack(run: RunContext, wpId: WpId): Promise<readonly NextCommand[]> {
  const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
  if (answer.ok || answer.code !== 'WP_NOT_FOUND') return []
  const back = await run.ports.mainCheckout.bringBack(wpId)
  if (back === null) return []
  const skip = `${back} && sko skip ${wpId} --reason 'its file was removed'`
  return [
    andResume(back, `brings the file of ${wpId} back, and does it`),
    { command: skip, why: `takes ${wpId} out of the mission: the host needs its file for that` },
  ]
}

/** Lanes in which a person has decided about the WP, or is asked to by another command. */
const atRest = ['blocked', 'canceled', 'approved', 'done']
