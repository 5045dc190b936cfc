import type { WorkPackage } from '../../core/work-package/work-package.ts'
import { isHalfSaved } from '../mission/wp-file.ts'
import type { RunContext } from '../run-context.ts'

/** The WP file for the agent; a text when it cannot be used at the moment, for example while it is saved. */
export async function readTask({ worktree }: WorkPackage, run: RunContext): Promise<Uint8Array | string> {
  const path = worktree?.promptPath ?? ''
  const file = await run.ports.workspace.readPrompt(path)
  if (!file.ok) return file.message
  return isHalfSaved(file.data) ? `its file ${path} is empty, or ends in its frontmatter` : file.data
}
