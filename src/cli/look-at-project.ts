import { excludeOwnFiles, ignoreOwnFiles, untrackOwnFiles } from '../git/own-files.ts'
import type { Repository } from '../git/repository.ts'
import type { Mission } from '../run/look.ts'
import { whatMissionLacks } from '../run/mission-fields.ts'
import type { Ports } from '../run/ports.ts'

/** At every start: our files are kept out of git, and what would end the run badly hours later is said now. */
export async function lookAtProject({ root, branch }: Repository, mission: Mission, ports: Ports): Promise<void> {
  const { report } = ports
  const reason = await excludeOwnFiles(root)
  if (reason !== null) report({ type: 'own-files-in-git', reason, next: ignoreOwnFiles(root) })
  const next = await untrackOwnFiles(root)
  if (next !== null) report({ type: 'own-files-in-git', reason: null, next })
  const lacking = await whatMissionLacks(ports, mission, branch)
  if (lacking) report({ type: 'mission-incomplete', ...lacking })
}
