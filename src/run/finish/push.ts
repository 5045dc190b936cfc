import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import type { RunContext } from '../run-context.ts'

/**
 * Asks the remote whether it has the merge, because the host pushes at the end of a merge but does not report the result.
 * Empty when the remote has it or no push was requested; otherwise what a person can do.
 */
export async function whyNotPushed(run: RunContext, branch: string, commit: string): Promise<readonly NextCommand[]> {
  if (!run.config.finish.push) return []
  const { commits, report } = run.ports
  const remote = await commits.remoteOf(branch)
  const without = { command: `${resume} --no-push`, why: 'leaves the target as it is, not pushed' }
  if (remote === null) {
    const reason = 'the repository has no remote'
    report({ type: 'not-pushed', targetBranch: branch, remote, reason, next: [without] })
    return [{ ...without, why: 'the repository has no remote to push to' }]
  }
  const there = await commits.onRemote(remote, branch)
  if (there !== null && (await commits.isAncestor(commit, there))) {
    report({ type: 'pushed', targetBranch: branch, remote, commit })
    return []
  }
  const push = andResume(`git push ${remote} ${branch}`, `it is merged, but not at ${remote}`)
  const reason = there === null ? `${remote} does not have it, or does not answer` : `${remote} has it at ${there}`
  report({ type: 'not-pushed', targetBranch: branch, remote, reason, next: [push, without] })
  return [push, without]
}
