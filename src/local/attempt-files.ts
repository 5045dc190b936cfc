import { lstatSync, writeFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { Failure } from '../core/agent/failure.ts'
import type { Role } from '../core/work-package/work-package.ts'
import { attemptUnwritable } from '../files/durable-write.ts'
import { head, tail } from '../files/file-part.ts'
import { readRegular } from '../files/read-regular.ts'
import { setAside } from '../files/set-aside.ts'
import { writeNew } from '../files/write-private.ts'
import type { Agent, AgentReport } from '../run/attempts/agent.ts'
import type { AgentEnd, AttemptOutcome } from '../run/ports.ts'

/** How much of an agent's output is read back; the log on disk is complete. */
const stdoutTail = 1024 * 1024
const stdoutHead = 16 * 1024
const stderrTail = 64 * 1024

const factsSchema = z.object({
  worktree: z.string(),
  /** A file that the CLI writes in addition to its output. */
  resultFile: z.string().nullable(),
  /** The session id, if we chose it. */
  session: z.string().nullable(),
  timeoutSeconds: z.number().positive(),
  inactivitySeconds: z.number().positive(),
  maxLogBytes: z.number().positive(),
})

/** What a later process of the run needs in order to continue with an attempt. */
export type AttemptFacts = Readonly<z.infer<typeof factsSchema>>

export async function writeFacts(prefix: string, facts: AttemptFacts): Promise<void> {
  await writePrivate(`${prefix}.attempt.json`, `${JSON.stringify(facts)}\n`)
}

/** null: the attempt did not get far enough to write them. */
export function readFacts(prefix: string): AttemptFacts | null {
  try {
    return factsSchema.parse(JSON.parse(readRegular(`${prefix}.attempt.json`).toString()))
  } catch {
    return null
  }
}

/**
 * Before we stop an agent, records that on disk: if we die before the agent ends, its end does not count against its
 * work. Returns a function that stops watching.
 */
export function noteStop(prefix: string, signal: AbortSignal): () => void {
  const note = (): void => {
    try {
      writeFileSync(stopNote(prefix), '', { flag: 'wx', mode: 0o600 })
    } catch {}
  }
  signal.addEventListener('abort', note)
  return () => signal.removeEventListener('abort', note)
}

export function wasToStop(prefix: string): boolean {
  return lstatSync(stopNote(prefix), { throwIfNoEntry: false }) !== undefined
}

function stopNote(prefix: string): string {
  return `${prefix}.stopped`
}

/** The output files of an attempt's process, which both its runner and an adopter read. */
export function processFiles(prefix: string) {
  return { stdoutFile: `${prefix}.out.log`, stderrFile: `${prefix}.err.log`, statusFile: `${prefix}.status` }
}

/** Also finds processes that left the agent's group. */
export function attemptMarker(runId: string, wpId: string, attempt: number) {
  return { name: 'SKO_ATTEMPT', value: `${runId}/${wpId}/${attempt}` }
}

interface EndedProcess {
  readonly agent: Agent
  readonly facts: Pick<AttemptFacts, 'resultFile' | 'session'>
  readonly prefix: string
  readonly role: Role
  readonly end: AgentEnd
  readonly elapsedMs: number
  /** Milliseconds since the epoch. */
  readonly endedAt: number
}

/** Records how the process ended next to its logs, and reads its outcome from them. */
export async function outcomeOf(ended: EndedProcess): Promise<AttemptOutcome> {
  const { prefix, end, elapsedMs } = ended
  await writePrivate(`${prefix}.exit`, `${JSON.stringify({ ...end, elapsedMs: Math.round(elapsedMs) })}\n`)
  return { end, elapsedMs, report: reportOf(ended) }
}

const notStartedClass = {
  'missing-program': 'missing-binary',
  refused: 'bad-invocation',
  other: 'crashed',
} as const

function reportOf({ agent, facts, end, prefix, role, endedAt }: EndedProcess): AgentReport {
  if (end.kind === 'spawn-failed') {
    return refusal({ class: notStartedClass[end.reason], detail: end.message })
  }
  const report = agent.read({
    role,
    exitCode: end.kind === 'exited' ? end.code : null,
    ...outputOf(prefix),
    stderr: tail(`${prefix}.err.log`, stderrTail).text,
    resultFile: facts.resultFile ? tail(facts.resultFile, stdoutTail).text || null : null,
    endedAt,
  })
  return { ...report, sessionId: facts.session ?? report.sessionId }
}

/** The session of an attempt whose end was not recorded, if its CLI named one. */
export function sessionInLog(agent: Agent, prefix: string): string | null {
  const unseen = { role: 'implementation', exitCode: null, stderr: '', resultFile: null, endedAt: 0 } as const
  return agent.read({ ...unseen, ...outputOf(prefix) }).sessionId
}

function outputOf(prefix: string) {
  const { text: stdout, cut } = tail(`${prefix}.out.log`, stdoutTail)
  return { stdout, cut, head: head(`${prefix}.out.log`, stdoutHead).text }
}

export function notStarted(failure: Failure): AttemptOutcome {
  const reason = failure.class === 'missing-binary' ? 'missing-program' : 'refused'
  return { end: { kind: 'spawn-failed', reason, message: failure.detail }, elapsedMs: 0, report: refusal(failure) }
}

function refusal(failure: Failure): AgentReport {
  return { ok: false, failure, text: '', usage: null, sessionId: null }
}

/**
 * Files with an attempt's name that exist before it starts came from elsewhere, and may be meant to pass for its
 * agent's answer, settings or session. They are kept as `<name>.before-<n>`.
 */
export async function setAsideAll(prefix: string): Promise<void> {
  const folder = dirname(prefix)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = (await readdir(folder)).filter(name => name.startsWith(`${basename(prefix)}.`))
    for (const name of names) if (!/\.before-\d+$/.test(name)) setAside(join(folder, name))
  } catch (error) {
    throw attemptUnwritable(prefix, error)
  }
}

/** Throws if something already exists there, even an empty folder or a link to one. */
export async function makeNewFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch(error => {
    throw attemptUnwritable(path, error)
  })
}

export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    writeNew(path, content)
  } catch (error) {
    throw attemptUnwritable(path, error)
  }
}
