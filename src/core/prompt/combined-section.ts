import type { OtherWork } from '../gate/other-work.ts'
import { firstBytes, quote } from '../text.ts'
import type { CombinedFeedback } from '../work-package/work-package.ts'
import { checkOutputs } from './check-outputs.ts'

/** Bytes: some agents take a prompt as an argument, which may have 128 KiB. */
const longestList = 8_000

/** For approved work that has to be changed because of what it is merged with. */
export function combinedSection({ others, conflicts, results }: CombinedFeedback): string {
  if (conflicts.length > 0) return conflictSection(others, conflicts)
  const list = checkOutputs(results)
  if (others.length === 0) return alone(list)
  return `
## Your approved work fails together with other work

Your work was reviewed and approved. But merged with ${others.map(nameOf).join(' and with ')} the project's checks fail.

${mergeSteps(others)} Then correct your work so that the checks pass, and keep what the other
work does. The failing checks, each with the end of what it printed:

${list}
`
}

function alone(list: string): string {
  return `
## Your approved work fails the checks on the target branch

Your work was reviewed and approved. But the project's checks fail on a fresh checkout of the target branch with your work
merged into it. Correct your work so that they pass there, without anything that only this worktree has. The failing
checks, each with the end of what it printed:

${list}
`
}

function conflictSection(others: readonly OtherWork[], conflicts: readonly string[]): string {
  const files = firstBytes(conflicts.map(file => `- ${quote(file)}`).join('\n'), longestList)
  return `
## Your approved work conflicts with other work

Your work was reviewed and approved. But git cannot merge it with ${others.map(nameOf).join(' and with ')}.

${mergeSteps(others)} Resolve the conflicts so that both keep their meaning, and commit the merge. The files:

${files}
`
}

function mergeSteps(others: readonly OtherWork[]): string {
  const commands = others.map(({ commit }) => `    git merge ${commit}`).join('\n')
  return `First run this, in this worktree:

${commands}

This merge is asked of you, and no other.`
}

function nameOf({ wpIds, branch }: OtherWork): string {
  return wpIds.length === 0
    ? `what is new on the target branch ${branch}`
    : `the work of ${wpIds.join(', ')} (${branch})`
}

export interface ForetoldConflict {
  readonly approved: OtherWork
  readonly files: readonly string[]
}

/** For work that is not approved yet, about approved work that changes the same lines. */
export function foretoldSection(foretold: readonly ForetoldConflict[]): string {
  if (foretold.length === 0) return ''
  const list = foretold.map(({ approved, files }) => {
    const names = firstBytes(files.map(file => quote(file)).join(', '), longestList)
    return `- The approved work of ${approved.wpIds.join(', ')} changes the same lines of ${names}: its commit is ${approved.commit}.`
  })
  return `
## Approved work that changes the same lines

Both will be merged. Look at the other change (\`git show\`, \`git diff\`), and write yours so that they go together. Do not
merge it here.

${list.join('\n')}
`
}
