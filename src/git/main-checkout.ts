import { git } from './git.ts'

/**
 * Whether the host's record of a mission's lanes lies uncommitted in the main checkout. In legacy topology it always
 * does, and merge-mission then resets it: measured, every WP is back in `planned` and no lane branch is left. Only the
 * state of the file is asked for; what is in it is the host's.
 */
export async function hasUncommittedLanes(repoRoot: string, mission: string): Promise<boolean> {
  const file = `kitty-specs/${mission}/status.events.jsonl`
  const status = await git(repoRoot, ['status', '--porcelain', '--untracked-files=normal', '--', file])
  return !status.ok || status.stdout.trim() !== ''
}
