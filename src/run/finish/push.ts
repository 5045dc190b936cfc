import type { RunContext } from '../run-context.ts'

/**
 * Asks the remote whether it has the merge, because the host pushes at the end of a merge but does not report the result.
 * null when the remote has it or no push was requested; otherwise what a person can do.
 */
export async function whyNotPushed(run: RunContext, branch: string, commit: string): Promise<string | null> {
  if (!run.config.finish.push) return null
  const { commits, report } = run.ports
  const remote = await commits.remoteOf(branch)
  const without = 'sko resume --no-push'
  if (remote === null) {
    report({ type: 'not-pushed', targetBranch: branch, remote, reason: 'the repository has no remote', next: without })
    return `${without}   (the repository has no remote to push to)`
  }
  const there = await commits.onRemote(remote, branch)
  if (there !== null && (await commits.isAncestor(commit, there))) {
    report({ type: 'pushed', targetBranch: branch, remote, commit })
    return null
  }
  const push = `git push ${remote} ${branch}`
  const reason = there === null ? `${remote} does not have it, or does not answer` : `${remote} has it at ${there}`
  report({ type: 'not-pushed', targetBranch: branch, remote, reason, next: push })
  return `${push} && sko resume   (it is merged, but not pushed to ${remote}; to leave it so: ${without})`
}
