import { answererWords } from '../agent/model-swap.ts'
import { howCheckEnded } from '../gate/check-result.ts'
import { findingLine } from '../judgement/follow-ups.ts'
import { quote } from '../text.ts'
import { combinedLine } from './sent-back.ts'
import type { Attempt, Feedback, WpRecord } from './work-package.ts'

/** What a person who takes over a WP needs to know. Length and number of the lines are bounded. */
export interface Handover {
  /** One line per attempt since the last retry, oldest first. */
  readonly tried: readonly string[]
  /** The last problems that the reviewer, the checks or the host found in its work. */
  readonly findings: readonly string[]
}

const mostAttempts = 12
const mostFindings = 10
const longestLine = 300

export function handover(record: WpRecord): Handover {
  const attempts = record.attempts.filter(attempt => attempt.number > record.retriedAfterAttempt)
  const left = attempts.length - mostAttempts
  const earlier = left > 0 ? [`${left} earlier ${left === 1 ? 'attempt' : 'attempts'}`] : []
  return { tried: [...earlier, ...attempts.slice(-mostAttempts).map(attemptLine)], findings: lastFindings(record) }
}

/** Commands for a person to run before `sko retry`, when the work failed because of something that only a person can fix. */
export function curesOf({ feedback }: WpRecord): readonly string[] {
  return feedback?.kind === 'checks' ? [...new Set(feedback.results.flatMap(({ cures }) => cures ?? []))] : []
}

/** `commands`: what to run next, most likely first. */
export function handoverText(
  reason: string,
  { tried, findings }: Handover,
  logs: string | null,
  commands: readonly string[],
): string {
  return [
    reason,
    ...under('tried:', tried),
    ...under('last findings:', findings),
    ...(logs === null ? [] : [`logs: ${logs}`]),
    ...commands.map(command => `next: ${command}`),
  ].join('\n')
}

function under(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map(line => `- ${line}`)]
}

function attemptLine(attempt: Attempt): string {
  const { number, role, cycle, result } = attempt
  return quote(
    `attempt ${number} (cycle ${cycle}): ${role} by ${answererWords(attempt.agent, attempt)} ${howItEnded(role, result)}`,
    longestLine,
  )
}

function howItEnded(role: Attempt['role'], result: Attempt['result']): string {
  switch (result?.kind) {
    case undefined:
      return 'has not ended'
    case 'succeeded':
      return role === 'review' ? 'gave a verdict' : 'succeeded'
    case 'interrupted':
      return 'was interrupted'
    case 'failed':
      return `failed: ${result.failure.class}: ${result.failure.detail}`
  }
}

function lastFindings({ judgement, feedback }: WpRecord): readonly string[] {
  if (judgement?.verdict.verdict === 'changes_requested') {
    const { reviewer, verdict } = judgement
    return asLines({ kind: 'findings', reviewer, summary: verdict.summary, findings: verdict.findings })
  }
  return feedback ? asLines(feedback) : []
}

function asLines(feedback: Feedback): readonly string[] {
  switch (feedback.kind) {
    case 'findings':
      return bounded([`${feedback.reviewer}: ${feedback.summary}`, ...feedback.findings.map(findingLine)])
    case 'host-refusal':
      return bounded([`the host: ${feedback.message}`])
    case 'combined':
      return bounded([combinedLine(feedback)])
    case 'checks':
      return bounded(
        feedback.results.map(
          result =>
            `check ${quote(result.command, 100)}: ${howCheckEnded(result)}${result.log === null ? '' : `, log ${result.log}`}`,
        ),
      )
  }
}

function bounded(lines: readonly string[]): readonly string[] {
  const left = lines.length - mostFindings
  const shown = lines.slice(0, mostFindings).map(line => quote(line, longestLine))
  return left > 0 ? [...shown, `${left} more`] : shown
}
