import type { CheckResult } from '../gate/check-result.ts'
import type { Finding } from '../judgement/review.ts'
import { strayedSection } from '../repository/strayed.ts'
import { firstBytes, quote } from '../text.ts'
import type { Attempt, Feedback, WpRecord } from '../work-package/work-package.ts'
import { baseFilesSection } from './base-files-section.ts'
import { checkOutputs } from './check-outputs.ts'
import { combinedSection, type ForetoldConflict, foretoldSection } from './combined-section.ts'

/**
 * A prompt is our frame around the WP file. The file is inserted between the two halves byte for byte, because it may
 * contain bytes that are not valid UTF-8.
 */
export interface Frame {
  readonly before: string
  readonly after: string
}

export interface ImplementationBriefing {
  readonly mission: string
  readonly worktree: string
  readonly branch: string
  readonly record: WpRecord
  readonly subtasks: readonly string[]
  /** The configured checks that will run on its work. */
  readonly checks: readonly string[]
  /** True when the agent can run the host's commands; a sandbox may forbid it. */
  readonly reachesHost: boolean
  /** The host's program, as the agent's shell finds it. */
  readonly host: string
  /** What earlier attempts of this cycle left on the branch, or null. */
  readonly soFar: SoFar | null
  /** Notes about files that the shared stash has added or removed; may be empty. */
  readonly stash: readonly string[]
  /** Approved work with which what is committed here conflicts; absent: none. */
  readonly foretold?: readonly ForetoldConflict[]
}

export interface SoFar {
  /** `git log --oneline` */
  readonly log: string
  readonly diffStat: string
}

export function implementationFrame(briefing: ImplementationBriefing): Frame {
  const { record, mission, worktree, branch } = briefing
  return {
    before: `# Implement ${record.wpId}

You implement work package ${record.wpId} of mission ${mission}, unattended: no one can answer questions. What to build is
in the work package below.

- Work only inside this git worktree, which is your current directory: ${worktree}
- It is on branch ${branch}. Do not switch branches, and do not push, ${record.feedback?.kind === 'combined' ? 'rebase, or merge anything but what is named below' : 'merge or rebase'}.
- Do not use \`git stash\`: all worktrees of the repository share its entries, and others work in them at the same time.
- Change the files the work package names as its own (\`owned_files\`), and others only where the work needs it.
- Commit your work on this branch with a message that begins with ${record.wpId}. What you leave uncommitted is committed
  for you. Temporary files, logs and build output do not belong into the commit.
- Run the project's own checks before you finish. Finished without a change to the tree counts as a failure.
- Do not touch \`kitty-specs/\` or \`.kittify/\`, and do not move the work package between lanes: that is done for you.

<work-package id="${record.wpId}">
`,
    after: `
</work-package>
${subtaskSection(briefing)}${checkSection(briefing)}${stashSection(briefing.stash)}${foretoldSection(briefing.foretold ?? [])}${feedbackSection(record.feedback, record.earlierFindings)}${continuationSection(briefing)}`,
  }
}

function subtaskSection({ subtasks, mission, reachesHost, host }: ImplementationBriefing): string {
  if (subtasks.length === 0) return ''
  const intro = `
## Subtasks

This work package has the subtasks ${subtasks.join(', ')}. The host accepts it only when each is marked; ticking boxes in a
file does nothing. `
  if (!reachesHost) {
    return `${intro}Your sandbox cannot reach the host, so end your final message with one line that names those which
are really finished, and they are marked for you:

    Subtasks done: ${subtasks.join(' ')}
`
  }
  return `${intro}Mark those which are really finished with the host's own command, from this directory:

    ${host} agent tasks mark-status ${subtasks.join(' ')} --status done --mission ${mission} --json
`
}

function checkSection({ checks }: ImplementationBriefing): string {
  if (checks.length === 0) return ''
  return `
## Checks

These are run on your work in this worktree, and it is reviewed only when each of them ends with exit code 0:

${checks.map(command => `- \`${quote(command, 200)}\``).join('\n')}
`
}

export function stashSection(notes: readonly string[]): string {
  if (notes.length === 0) return ''
  return `
## The stash that all worktrees share

${notes.map(note => `- ${note}`).join('\n')}
`
}

function feedbackSection(feedback: Feedback | null, earlier: readonly Finding[]): string {
  if (!feedback) return ''
  if (feedback.kind === 'host-refusal') {
    return `
## The host refused your work

Fix the cause, then finish again. Its reason: ${feedback.message}
${stillToHold(earlier)}`
  }
  if (feedback.kind === 'checks') return failingChecks(feedback.results, earlier)
  if (feedback.kind === 'combined') return `${combinedSection(feedback)}${stillToHold(earlier)}`
  return `
## Rework: the review asked for changes

${feedback.reviewer} reviewed the last commit of this branch and did not approve it. Fix every finding; where you think one
is wrong, say why in your final message.

${feedback.summary}

${findingList(earlier.length > 0 ? earlier : feedback.findings)}
${optionalFindings(feedback.followUps ?? [])}`
}

function optionalFindings(followUps: readonly Finding[]): string {
  if (followUps.length === 0) return ''
  return `
The review also found these, which do not block. They are not required: fix one only where it is part of the work above.

${findingList(followUps)}
`
}

function failingChecks(results: readonly CheckResult[], earlier: readonly Finding[]): string {
  return `
## The project's checks fail

Your work was checked before its review, and sent back. Fix the cause, run the same commands, then finish again. Each
with the end of what it printed:

${checkOutputs(results)}
${baseFilesSection(results)}${stillToHold(earlier)}`
}

function stillToHold(earlier: readonly Finding[]): string {
  return earlier.length === 0
    ? ''
    : `
The findings of the last review must stay fixed:\n\n${findingList(earlier)}\n`
}

function continuationSection({ record, soFar, worktree }: ImplementationBriefing): string {
  const earlier = record.attempts.filter(attempt => attempt.role === 'implementation' && attempt.cycle === record.cycle)
  const last = earlier.at(-1)
  if (!last || last.result?.kind === 'succeeded') return ''
  return `${strayedSection(last.strayed, worktree)}
## Continue where an earlier attempt ended

An earlier attempt ${howItEnded(last)}. ${whatItLeft(soFar)}
${last.lastWords ? `Its last words: ${last.lastWords}\n` : ''}`
}

function whatItLeft(soFar: SoFar | null): string {
  if (!soFar) return 'It left nothing behind.'
  return `What it had done is committed on this branch: keep what is
right, and finish the rest. Commits so far:

${soFar.log}

What they change:

${soFar.diffStat || '(nothing)'}
`
}

function howItEnded(attempt: Attempt): string {
  if (attempt.result?.kind !== 'failed') return 'was interrupted'
  return `failed (${attempt.result.failure.class}: ${attempt.result.failure.detail})`
}

/** Bytes: fifty findings of the longest kind would be more than one argument may have. */
const longestFindings = 40_000

/** Numbered from 1. */
export function findingEntry(finding: Finding & { readonly raised?: number }, index: number): string {
  const place = finding.file ? ` ${finding.file}${finding.line ? `:${finding.line}` : ''}` : ''
  const change = finding.change ? `\n   Change: ${finding.change}` : ''
  const again = finding.raised && finding.raised > 1 ? ` (raised ${finding.raised} times now)` : ''
  return `${index + 1}. [${finding.severity}]${place} ${finding.problem}${again}${change}`
}

export function findingList(findings: readonly (Finding & { readonly raised?: number })[]): string {
  const all = findings.map(findingEntry).join('\n')
  const shown = firstBytes(all, longestFindings)
  return shown.length === all.length ? all : `${shown}… [shortened: ${findings.length} findings in all]`
}
