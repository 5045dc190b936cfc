import { someOf } from '../../../core/format.ts'
import type { CheckResult } from '../../../core/gate/check-result.ts'
import type { ReviewedRange } from '../../../core/judgement/coverage.ts'
import { quote, shellWord } from '../../../core/text.ts'
import type { TreeChange } from '../../../core/work-package/lost.ts'
import { protectedFilesCheckName } from '../../../core/work-package/own-checks.ts'
import type { Work, WorkPackage } from '../../../core/work-package/work-package.ts'
import { type GitWork, need } from '../../git/git-work.ts'
import type { RunContext } from '../../run-context.ts'
import { folderOf, globMatcher, withoutDot } from './globs.ts'
import { mostNamed, ownChanges } from './own-changes.ts'

/**
 * Whether `checks.protect` has this file. A folder has its content. Capitals do not count: where a file system ignores
 * them, `Tests/a` is written over `tests/a`.
 */
export function protects(patterns: readonly string[]): (path: string) => boolean {
  const matches = patterns.map(asWritten => {
    const pattern = withoutDot(asWritten)
    const folder = `${folderOf(pattern)}/`.toLowerCase()
    const isMatch = globMatcher(pattern, { nocase: true })
    return (path: string) =>
      path.toLowerCase() === pattern.toLowerCase() || path.toLowerCase().startsWith(folder) || isMatch(path)
  })
  return path => matches.some(isMatch => isMatch(path))
}

/** The protected files that the work itself leaves otherwise than it found them. */
export async function* protectedChanges(
  wp: WorkPackage,
  { base, head }: ReviewedRange,
  run: RunContext,
): GitWork<readonly TreeChange[]> {
  const isProtected = protects(run.config.checks.protect)
  const own = yield* ownChanges(wp, { base, head: 'HEAD' }, run)
  const touched = own.filter(({ path }) => isProtected(path))
  if (touched.length === 0) return []
  // A change that was put back in a later part of the lane is none.
  const still = yield* need(run.ports.workspace.changes(wp.worktree?.path ?? '', base, head))
  const names = new Set(touched.map(({ path }) => path))
  return still.filter(({ path }) => names.has(path))
}

/**
 * A built-in check for `checks.protect`. No result when the work leaves these files as they were, or may change them
 * because the checks run with those of the base as well.
 */
export async function* protectedFilesCheck(
  wp: WorkPackage,
  work: Work,
  run: RunContext,
): GitWork<readonly CheckResult[]> {
  const { protect, also_base } = run.config.checks
  if (protect.length === 0 || also_base) return []
  const changed = yield* protectedChanges(wp, { base: work.baseCommit, head: work.headCommit }, run)
  if (changed.length === 0) return []
  const shown = changed.slice(0, mostNamed)
  const before = shown.filter(({ kind }) => kind !== 'added').map(({ path }) => path)
  const added = shown.filter(({ kind }) => kind === 'added').map(({ path }) => path)
  const output = [
    'These files are protected (checks.protect), and the work changes them:',
    ...shown.map(({ path, kind }) => `${quote(path)} (${kind})`),
    ...(changed.length > shown.length ? [`and ${changed.length - shown.length} more`] : []),
    'Put them back, commit that, and solve it without them:',
    ...(added.length === 0 ? [] : [`git rm -q -- ${added.map(shellWord).join(' ')}`]),
    ...(before.length === 0 ? [] : [`git checkout ${work.baseCommit} -- ${before.map(shellWord).join(' ')}`]),
  ].join('\n')
  const reason = quote(`it changes protected files: ${someOf(changed.map(({ path }) => path))}`)
  return [{ command: protectedFilesCheckName, exitCode: 1, output, log: null, reason }]
}
