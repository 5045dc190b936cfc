import { z } from 'zod'
import { type MarkedSubtasks, markedSubtasks } from '../run/host/answers.ts'
import { type HostOutcome, hostFailure } from '../run/host/host-outcome.ts'
import type { MarkSubtasksInput } from '../run/host/input.ts'
import { parseJson, problems } from './answer/envelope.ts'
import { redactedLine, redactedQuote } from './answer/text.ts'
import { withoutEnvelope } from './sharp-edges.ts'

const refused = z.object({ error: z.string() })

/** Takes no `--actor` and writes the event as "user"; the WP keeps its owner (measured). */
export function markSubtasksArgs(input: MarkSubtasksInput): readonly string[] {
  return ['agent', 'tasks', 'mark-status', ...input.subtasks, '--status', 'done', '--mission', input.mission, '--json']
}

/**
 * This command has no envelope. It exits with 0 if at least one subtask was found, so the answer is checked for missing
 * ones. A refusal is `{"error": …}` on stderr (measured with spec-kitty-cli 3.2.7).
 */
export function readMarkedSubtasks(
  exitCode: number,
  stdout: string,
  stderr: string,
  asked: readonly string[],
): HostOutcome<MarkedSubtasks> {
  const refusal = refused.safeParse(parseJson(/\S/.test(stdout) ? stdout : stderr))
  if (exitCode !== 0 && refusal.success) {
    const { error } = refusal.data
    if (error === 'mission_not_found') return hostFailure('MISSION_NOT_FOUND', 'mark-status: no such mission')
    return { ...hostFailure('UNKNOWN_CODE', `mark-status: ${redactedLine(error)}`), hostCode: redactedLine(error) }
  }
  const answer = parseJson(stdout)
  if (answer === undefined) return withoutEnvelope('mark-status', exitCode, stdout, stderr)
  const parsed = markedSubtasks.safeParse(answer)
  if (!parsed.success) {
    return hostFailure(
      'host-garbage',
      `mark-status: ${redactedLine(problems(parsed.error))}; it printed ${redactedQuote(stdout)}`,
    )
  }
  const missing = parsed.data.results.filter(result => result.outcome === 'not_found').map(result => result.id)
  if (missing.length > 0) {
    const message = redactedLine(`the mission has no subtask ${missing.join(', ')}`)
    return { ...hostFailure('UNKNOWN_CODE', message, { results: parsed.data.results }), hostCode: 'subtask_not_found' }
  }
  if (exitCode !== 0)
    return hostFailure('host-garbage', `mark-status exited ${exitCode} and printed ${redactedQuote(stdout)}`)
  const marked = new Set(parsed.data.results.filter(isMarked).map(result => result.id))
  const unmarked = asked.filter(id => !marked.has(id))
  if (unmarked.length === 0) return { ok: true, data: parsed.data }
  return hostFailure(
    'host-garbage',
    `mark-status does not say that ${unmarked.join(', ')} was marked: ${redactedQuote(stdout)}`,
  )
}

function isMarked({ outcome }: MarkedSubtasks['results'][number]): boolean {
  return outcome === 'updated' || outcome === 'already_satisfied'
}
