import type { CheckResult } from '../../../core/gate/check-result.ts'
import type { ReviewedRange } from '../../../core/judgement/coverage.ts'
import { quote } from '../../../core/text.ts'
import type { Work, WorkPackage } from '../../../core/work-package/work-package.ts'
import { type GitWork, need } from '../../git/git-work.ts'
import { readWpFile, type WpFile } from '../../mission/wp-file.ts'
import type { RunContext } from '../../run-context.ts'
import { folderOf, globMatcher, withoutDot } from './globs.ts'
import { mostNamed, ownChanges } from './own-changes.ts'

/** Folders of the host and of sko: no WP owns anything there, even if its file says so. */
const neverOwned = ['kitty-specs/', '.kittify/']

/** Files that a WP changed outside its `owned_files`, fit to be shown. */
export async function* changedOutside(
  wp: WorkPackage,
  range: ReviewedRange,
  file: WpFile,
  run: RunContext,
): GitWork<readonly string[]> {
  const changed = yield* ownChanges(wp, range, run)
  const isOwned = ownedBy(file)
  return [...new Set(changed.map(({ path }) => path))]
    .filter(name => !isOwned(name))
    .toSorted()
    .map(name => quote(name))
}

/**
 * Whether a WP owns a path. As in the host's commit guard, a star matches across folders and a folder name matches its
 * content. In addition `**` may match no folder, and braces are supported. A pattern also matches itself literally, even
 * if it has glob characters: `app/[id]/page.tsx`.
 */
export function ownedBy({ ownedFiles, codebaseWide }: Omit<WpFile, 'asks'>): (path: string) => boolean {
  const owns = ownedFiles.map(asWritten => {
    const pattern = withoutDot(asWritten)
    const folder = folderOf(pattern)
    const isMatch = globMatcher(pattern)
    return (path: string) => path === pattern || path.startsWith(`${folder}/`) || isMatch(path)
  })
  // A WP that declares nothing owns everything.
  const everything = codebaseWide || owns.length === 0
  return path =>
    !neverOwned.some(folder => path.startsWith(folder)) && (everything || owns.some(isOwned => isOwned(path)))
}

/** A built-in check for `review.owned_files: refuse`. No result when nothing is outside. */
export async function* ownedFilesCheck(wp: WorkPackage, work: Work, run: RunContext): GitWork<readonly CheckResult[]> {
  if (run.config.review.owned_files === 'show' || !wp.worktree) return []
  const file = readWpFile(yield* need(run.ports.workspace.readPrompt(wp.worktree.promptPath)))
  const outside = yield* changedOutside(wp, { base: work.baseCommit, head: 'HEAD' }, file, run)
  if (outside.length === 0) return []
  const more = outside.length > mostNamed ? [`and ${outside.length - mostNamed} more`] : []
  const output = [
    'These files were changed, but the work package does not own them; undo the changes:',
    ...outside.slice(0, mostNamed),
    ...more,
  ].join('\n')
  return [{ command: 'review.owned_files', exitCode: 1, output, log: null }]
}
