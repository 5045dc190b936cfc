import type { CustomAgentDefinition } from '../../config/custom-section.ts'
import type { FailureClass } from '../../core/agent/failure.ts'
import { isRecord } from '../../core/json.ts'
import type { AgentOutput, AgentReading, AgentReport } from '../../run/attempts/agent.ts'
import { answererOf } from '../reading/answerer.ts'
import { failed, withoutRecord } from '../reading/failures.ts'
import { lookUpIn } from '../reading/json-path.ts'
import { sessionIdOf } from '../reading/session-id.ts'
import { usageOf } from '../reading/usage.ts'

/**
 * Reads the result of a custom agent. Success requires one of its exit codes *and*, if a path is configured, the
 * expected value there. If no path is configured, a value that means failure overrides the exit code.
 */
export function readCustomReport(output: AgentOutput, definition: CustomAgentDefinition): AgentReport {
  const at = lookUpIn(output.stdout)
  return {
    ...readingOf(output, definition, at),
    sessionId: sessionIdOf(at(definition.session_id)),
    answerer: answererOf({ announced: at(definition.model), version: at(definition.version) }),
  }
}

function readingOf(
  output: AgentOutput,
  { success, failure, usage, final_message }: CustomAgentDefinition,
  at: (path: string | null) => unknown,
): AgentReading {
  const { exitCode } = output
  const message = final_message === null ? output.stdout : at(final_message)
  const kept = {
    text: textOf(message),
    usage: usageOf(amountOf(at(usage.input_tokens)), amountOf(at(usage.output_tokens)), amountOf(at(usage.cost_usd))),
  }
  const cause = at(failure.path)
  const byRecord = classOfValue(failure.classes, cause)
  const exitIsGood = exitCode !== null && success.exit_codes.includes(exitCode)
  const recordIsGood = success.path === null ? byRecord === null : at(success.path) === success.equals
  if (exitIsGood && recordIsGood) return { ok: true, ...kept, structured: isRecord(message) ? message : null }
  const words = textOf(at(failure.message))
  // A process ended by a signal had no time to write the reason.
  const broken = !exitIsGood && (exitCode === null || exitCode > 128)
  if (!broken && byRecord !== null) return failed(output, byRecord, words || `${failure.path}: ${cause}`, kept)
  if (exitIsGood) return failed(output, 'agent-error', words || expectation(success, at(success.path)), kept)
  if (!broken && words) return failed(output, failure.exit_codes[exitCode] ?? 'agent-error', words, kept)
  return { ...withoutRecord(output, { exitCodes: failure.exit_codes }), ...kept }
}

function classOfValue(classes: Readonly<Record<string, FailureClass>>, value: unknown): FailureClass | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null
  return (Object.hasOwn(classes, String(value)) ? classes[String(value)] : null) ?? null
}

function expectation({ path, equals }: CustomAgentDefinition['success'], found: unknown): string {
  const shown = typeof found === 'object' && found !== null ? 'no single value' : JSON.stringify(found)
  return `${path} is ${shown ?? 'missing'}, expected ${JSON.stringify(equals)}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function amountOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
