import { asValue } from '../as-value.ts'
import { gitOrThrow } from '../git.ts'
import { plainLog } from './first-parents.ts'
import { withoutReplaceRefs } from './trees.ts'

export interface CommitWords {
  readonly author: string
  readonly subject: string
}

/** What a person knows commits by. Anyone may have chosen the words. */
export const describeCommits = asValue(
  async (root: string, commits: readonly string[]): Promise<ReadonlyMap<string, CommitWords>> => {
    if (commits.length === 0) return new Map()
    const stdin = Buffer.from(commits.map(commit => `${commit}\n`).join(''))
    const args = ['log', ...plainLog, '--no-walk=unsorted', '--stdin', '-z', '--format=%H%n%an%n%s']
    const entries = (await gitOrThrow(root, args, { ...withoutReplaceRefs, stdin })).split('\0')
    return new Map(
      entries.map(entry => {
        const [commit = '', author = '', subject = ''] = entry.split('\n')
        return [commit, { author, subject }]
      }),
    )
  },
)
