import { git } from './git.ts'

/**
 * Whether the host's own files of a mission lie uncommitted in the main checkout. In legacy topology they always do,
 * and merge-mission then resets them: measured, every WP is back in `planned` and no lane branch is left. Read only.
 */
export async function hasUncommittedMissionFiles(repoRoot: string, mission: string): Promise<boolean> {
  const status = await git(repoRoot, ['status', '--porcelain', '--untracked-files=no', '--', `kitty-specs/${mission}`])
  return !status.ok || status.stdout.trim() !== ''
}
