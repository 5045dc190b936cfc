import type { AgentRequest } from '../run/attempts/agent.ts'

/**
 * A folder for a reviewer to start in, for CLIs that load hooks, servers and rules from their working folder and have
 * no flag against it. Those in the worktree come from the implementer.
 */
export function reviewFolder({ filePrefix, worktree }: Pick<AgentRequest, 'filePrefix' | 'worktree'>) {
  const path = `${filePrefix}.workspace`
  return { path, files: [{ path: `${path}/README.md`, content: `What is to be reviewed is in ${worktree}\n` }] }
}
