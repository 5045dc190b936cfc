import { excludeOwnFiles, ignoreOwnFiles, untrackOwnFiles } from '../git/own-files.ts'
import type { EventBody } from '../report/event.ts'

/** At every start: our files are kept out of git, or the run says how a person does it. */
export async function keepOwnFilesOut(root: string, report: (event: EventBody) => void): Promise<void> {
  const reason = await excludeOwnFiles(root)
  if (reason !== null) report({ type: 'own-files-in-git', reason, next: ignoreOwnFiles(root) })
  const next = await untrackOwnFiles(root)
  if (next !== null) report({ type: 'own-files-in-git', reason: null, next })
}
