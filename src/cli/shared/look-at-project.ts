import { excludeOwnFiles, ignoreOwnFiles, untrackOwnFiles } from '../../git/main/own-files.ts'
import type { Repository } from '../../git/repository.ts'
import { removeScratch } from '../../git/scratch.ts'
import type { Mission } from '../../run/mission/look.ts'
import { whatMissionLacks } from '../../run/mission/mission-fields.ts'
import type { Ports } from '../../run/ports.ts'

interface Place {
  readonly repository: Repository
  readonly mission: Mission
  /** File of one of its WPs, if the host has named it. */
  readonly wpFile: string | null
}

/** At every start: excludes sko's files from git, and warns of problems that would otherwise end the run hours later. */
export async function lookAtProject({ repository, mission, wpFile }: Place, ports: Ports): Promise<void> {
  const { root, branch } = repository
  const { report } = ports
  removeScratch(root)
  const reason = excludeOwnFiles(root)
  if (reason !== null)
    report({ type: 'own-files-in-git', reason, next: [{ command: ignoreOwnFiles(root), why: 'has git ignore them' }] })
  const untrack = await untrackOwnFiles(root)
  const next = untrack === null ? [] : [{ command: untrack, why: 'takes it out of git; the files stay' }]
  if (untrack !== null) report({ type: 'own-files-in-git', reason: null, next })
  const lacking = await whatMissionLacks(ports, mission, branch, wpFile)
  if (lacking) report({ type: 'mission-incomplete', fields: lacking.fields, next: [lacking.next] })
}
