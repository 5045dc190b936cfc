import type { CheckResult } from '../gate/check-result.ts'

/** What was not as the work has it while these checks ran. Empty: nothing. */
export function baseFilesSection(results: readonly CheckResult[]): string {
  const withBase = results.find(result => result.withBase)?.withBase
  if (!withBase) return ''
  const { commit, files, more } = withBase
  const names = [...files, ...(more > 0 ? [`and ${more} more`] : [])]
  return `
They pass on your work as it is. They fail when these protected files (checks.protect) are as they were before it, at
${commit}; a file that did not exist there was left out:

${names.map(name => `- ${name}`).join('\n')}

The work has to pass with the old files as well as with its own. Correct the code; a file of the list may gain
tests, but what it asked for before still holds. \`git diff ${commit} -- <file>\` shows what was changed in one.
`
}
