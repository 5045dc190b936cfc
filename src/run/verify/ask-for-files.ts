import type { GraphCommit } from '../../core/judgement/coverage.ts'
import type { FilesOf } from '../../core/verify/cover.ts'
import type { Commits } from '../finish/commits.ts'
import { type GitWork, inParallel, need } from '../git/git-work.ts'

/** Each merge takes a few processes of git. */
const mostMergesAtOnce = 8

/** The files of commits that no judgement covers: what they change, or where a merge is not as git makes it. */
export async function* askForFiles(
  commits: Pick<Commits, 'changedFiles' | 'mergeDifference'>,
  open: readonly GraphCommit[],
  isHosts: (path: string) => boolean,
): GitWork<FilesOf> {
  const isMerge = ({ parents }: GraphCommit) => parents.length > 1
  const plain = open.filter(at => !isMerge(at)).map(({ commit }) => commit)
  const found = new Map(plain.length === 0 ? [] : yield* need(commits.changedFiles(plain)))
  const merges = open.filter(isMerge)
  for (let first = 0; first < merges.length; first += mostMergesAtOnce) {
    const some = merges.slice(first, first + mostMergesAtOnce)
    const differences = yield* inParallel(some.map(at => need(commits.mergeDifference(at, isHosts))))
    for (const [n, files] of differences.entries()) found.set(some[n]?.commit ?? '', files)
  }
  return commit => found.get(commit) ?? []
}
