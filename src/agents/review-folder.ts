import type { AgentRequest } from '../run/attempts/agent.ts'

/**
 * A folder for a reviewer to start in, for CLIs that take hooks, servers and rules from where they start without a flag
 * against it: in the worktree those would be the implementer's.
 */
export function reviewFolder({ filePrefix, worktree }: Pick<AgentRequest, 'filePrefix' | 'worktree'>) {
  const path = `${filePrefix}.workspace`
  return { path, files: [{ path: `${path}/README.md`, content: `What is to be reviewed is in ${worktree}\n` }] }
}
