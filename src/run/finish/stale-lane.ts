import { andResume, type NextCommand } from '../../core/next-command.ts'
import { shellWord } from '../../core/text.ts'
import { orNull } from '../git/git-outcome.ts'
import type { Located } from '../mission/located.ts'
import { readWpFile } from '../mission/wp-file.ts'
import { missionBranch } from '../requests/vouching.ts'
import type { RunContext } from '../run-context.ts'
import { ownedBy } from '../steps/files/owned-files.ts'

/**
 * The host merges no lane that changed a file which the mission has changed since. The command that brings the mission
 * into the lane; null: the message names no stale lane.
 *
 * Where the host does not do it itself (measured with git 2.31) the overlap is the host's own record, and the merge is
 * enough. A file that the lane's WPs do not own came there by accident, such as from another lane's stash: the merge would
 * conflict, so the lane first takes it as the mission has it.
 */
export async function cureOfStaleLane(
  run: RunContext,
  message: string,
  located: readonly Located[],
): Promise<NextCommand | null> {
  const [, lane = null, list = ''] = /^Lane (\S+) is stale: (?:overlapping files \[(.*?)\])?/.exec(message) ?? []
  const users = located.filter(({ worktree }) => lane !== null && worktree?.branch.endsWith(`-${lane}`))
  const path = users[0]?.worktree?.path
  if (path === undefined) return null
  const branch = missionBranch(run.mission).replace('refs/heads/', '')
  const git = `git -C ${shellWord(path)}`
  const foreign = await notOwned(run, users, namesIn(list))
  const files = foreign.map(shellWord).join(' ')
  const take = `${git} --literal-pathspecs checkout --quiet ${branch} -- ${files} && ${git} commit --quiet --allow-empty --message 'Take files of other work packages from the mission' && `
  const why = foreign.length > 0 ? 'the work packages of the lane do not own them; ' : ''
  return andResume(`${foreign.length > 0 ? take : ''}${git} merge --no-edit ${branch}`, `${why}${message}`)
}

/** Of Python's list of strings. A name with a backslash is escaped, and left out. */
function namesIn(list: string): readonly string[] {
  const quoted = [...list.matchAll(/'([^'\\]*)'|"([^"\\]*)"/g)]
  return quoted.map(([, single, double]) => single ?? double ?? '').filter(name => name !== '')
}

async function notOwned(run: RunContext, users: readonly Located[], names: readonly string[]) {
  const owns = await Promise.all(
    users.map(async ({ worktree }) => {
      const file = await orNull(run.ports.workspace.readPrompt(worktree?.promptPath ?? ''))
      return ownedBy(readWpFile(file ?? new Uint8Array()))
    }),
  )
  const isRecord = (name: string) => name.startsWith('kitty-specs/') || name.startsWith('.kittify/')
  return names.filter(name => !isRecord(name) && !owns.some(isOwned => isOwned(name)))
}
