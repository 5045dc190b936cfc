import { z } from 'zod'
import { cureOf } from '../../core/repository/git-trouble.ts'
import type { HostCommand } from '../../run/host/commands.ts'
import { type HostFailure, type HostOutcome, hostFailure, hostRefusalCodes } from '../../run/host/host-outcome.ts'
import { withoutEnvelope } from '../sharp-edges.ts'
import { type Envelope, problems, readEnvelope } from './envelope.ts'
import { redactedLine, redactedQuote } from './text.ts'

/** What was asked. An answer about something else is invalid. */
export interface Asked {
  readonly mission?: string
  readonly wpId?: string
  /** The lane of a transition. */
  readonly to?: string
}

/** Reads any output of a finished `orchestrator-api` call as a value. */
export function readHostAnswer<T>(
  command: Pick<HostCommand<never, T>, 'name' | 'mutates' | 'data'>,
  exitCode: number,
  stdout: string,
  stderr: string,
  asked: Asked = {},
): HostOutcome<T> {
  const reading = readEnvelope(stdout)
  if (reading.kind === 'none') return withoutEnvelope(command.name, exitCode, stdout, stderr)
  const garbage = (problem: string): HostFailure =>
    hostFailure('host-garbage', `${command.name}: ${redactedLine(problem)}; it printed ${redactedQuote(stdout)}`)
  if (reading.kind === 'invalid') return garbage(`not a valid answer of the host: ${reading.problem}`)

  const read = { envelope: reading.envelope, exitCode, command, asked, garbage }
  return { ...dataOf(read), contract: reading.envelope.contract_version }
}

interface Read<T> {
  readonly envelope: Envelope
  readonly exitCode: number
  readonly command: Pick<HostCommand<never, T>, 'name' | 'mutates' | 'data'>
  readonly asked: Asked
  readonly garbage: (problem: string) => HostFailure
}

function dataOf<T>({ envelope, exitCode, command, asked, garbage }: Read<T>): HostOutcome<T> {
  if (!answers(envelope, command.name)) return garbage(`the answer of another command, ${envelope.command}`)
  // A refusal counts whatever the exit code, because a wrapper may lose it. A success needs both.
  if (!envelope.success) return refusal(envelope)
  if (exitCode !== 0) return garbage(`answered success, but exited ${exitCode}`)

  const { mission_slug: slug, wp_id: wpId, to_lane: lane } = envelope.data
  if (isAnother(slug, asked.mission, command.mutates)) return garbage(`the answer for another mission, ${slug}`)
  if (differs(wpId, asked.wpId)) return garbage(`the answer for another work package, ${wpId}`)
  if (differs(lane, asked.to)) return garbage(`moved to another lane than ${asked.to}, ${lane}`)
  const parsed = z.object({ data: command.data }).safeParse(envelope)
  return parsed.success ? { ok: true, data: parsed.data.data } : garbage(problems(parsed.error))
}

/** The option parser fails before it knows the command. */
function answers(envelope: Envelope, name: string): boolean {
  if (envelope.command === 'orchestrator-api.unknown') return !envelope.success
  return envelope.command === `orchestrator-api.${name}`
}

/**
 * True if the answer is about another mission. A read also accepts other handles than the slug, so only text in the
 * form of a slug is compared: `demo-01M7YJ68`, or the older `012-demo`, which may be short for `012-demo-01M7YJ68`.
 */
function isAnother(slug: unknown, asked: string | undefined, mutates: boolean): boolean {
  if (asked === undefined || !differs(slug, asked)) return false
  const id = /-[0-9A-HJKMNP-TV-Z]{8}$/
  if (mutates || id.test(asked)) return true
  return /^\d+-/.test(asked) && String(slug).replace(id, '') !== asked
}

function differs(answered: unknown, asked: string | undefined): boolean {
  return answered !== undefined && asked !== undefined && answered !== asked
}

function refusal(envelope: Envelope & { success: false }): HostFailure {
  const { error_code: hostCode, data } = envelope
  const code = hostRefusalCodes.find(known => known === hostCode)
  const words = refusalMessage(data) ?? `the host answered ${hostCode}`
  const message = `${redactedLine(words)}${cureOf(words)}`
  if (code !== undefined) return hostFailure(code, message, data)
  return { ...hostFailure('UNKNOWN_CODE', message, data), hostCode: redactedLine(hostCode) }
}

/** merge-mission prints "Merge failed" and puts the reasons in `errors`; before 3.2.7 `message` may be missing. */
function refusalMessage(data: Readonly<Record<string, unknown>>): string | undefined {
  const { errors, message, reason } = data
  const listed = Array.isArray(errors) ? errors.filter(error => typeof error === 'string').join('; ') : ''
  return [listed, message, reason].filter(text => typeof text === 'string').find(text => text.trim() !== '')
}
