import { rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import type { Agent, AgentCommand, AgentReport } from '../agents/agent.ts'
import type { Config } from '../config/schema.ts'
import type { Failure } from '../core/failure.ts'
import type { AgentId } from '../core/ids.ts'
import type { Role } from '../core/work-package.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'
import { runProcess } from '../process/run-process.ts'
import { unwritable } from '../state/durable-write.ts'
import { settingsOf } from './agent-pool.ts'
import { head, tail } from './file-part.ts'
import type { AgentEnd, AttemptOutcome, RunAgent, Store } from './ports.ts'

/** From TERM to KILL when an agent is stopped. */
export const graceSeconds = 5

/** What is read back of an agent's output; the log on disk is whole. */
const stdoutTail = 1024 * 1024
const stdoutHead = 16 * 1024
const stderrTail = 64 * 1024

/** Linux refuses one argument of 128 KiB and more with E2BIG. */
const longestArgument = 131_071

export interface AgentRunnerOptions {
  readonly runId: string
  readonly repoRoot: string
  readonly config: Config
  readonly registry: ReadonlyMap<AgentId, Agent>
  /** Absolute path of the agent's program; null when it is not installed. */
  readonly findProgram: (agent: Agent) => string | null
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly store: Pick<Store, 'attemptFiles'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Name of the variable that every process of a run carries: what leaves its group is found by it. */
export const runMarker = 'SKO_RUN_ID'

/** The `runAgent` port: one agent process with its files, in the lane worktree. */
export function createAgentRunner(options: AgentRunnerOptions): RunAgent {
  return async (request, control) => {
    const agent = options.registry.get(request.agent)
    const file = agent ? options.findProgram(agent) : null
    if (!agent || !file) return notStarted({ class: 'missing-binary', detail: 'it is not installed' })
    const prefix = options.store.attemptFiles(request.wpId, { ...request, number: request.attempt })
    const promptFile = `${prefix}.prompt.md`
    await writePrivate(promptFile, request.prompt)
    const prompt = agent.promptVia === 'argument' ? new TextDecoder().decode(request.prompt) : ''
    if (Buffer.byteLength(prompt) > longestArgument || prompt.includes('\0')) {
      return notStarted({
        class: 'refused',
        detail: 'its prompt is an argument, and this one has 128 KiB or a NUL byte',
      })
    }
    const command = agent.command({
      role: request.role,
      promptFile,
      prompt,
      worktree: request.worktree,
      filePrefix: prefix,
      timeoutSeconds: request.timeoutSeconds,
      settings: settingsOf(options.config, agent.id, request.role),
      resumeSession: agent.resumes && request.role === 'implementation' ? request.resumeSession : null,
    })
    // An implementer could have written it beforehand. One of a session that goes on has another attempt's name.
    if (command.resultFile?.startsWith(`${prefix}.`)) rmSync(command.resultFile, { force: true })
    for (const { path, content } of command.files) await writePrivate(path, content)
    const id = `${options.runId}/${request.wpId}/${request.attempt}`
    const { end, elapsedMs } = await runProcess(
      {
        file,
        args: command.args,
        cwd: request.worktree,
        env: environment(options, command, request.wpId),
        stdinFile: agent.promptVia === 'stdin' ? promptFile : null,
        stdoutFile: `${prefix}.out.log`,
        stderrFile: `${prefix}.err.log`,
        timeoutSeconds: request.timeoutSeconds,
        inactivitySeconds: request.inactivitySeconds,
        idleShare: agent.idleShare,
        graceSeconds,
        marker: { name: 'SKO_ATTEMPT', value: id },
      },
      control,
    )
    await writePrivate(`${prefix}.exit`, `${JSON.stringify({ ...end, elapsedMs: Math.round(elapsedMs) })}\n`)
    return {
      end,
      elapsedMs,
      report: reportOf({ agent, command, end, prefix, role: request.role, endedAt: options.now() }),
    }
  }
}

async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, content, { mode: 0o600 })
  } catch (error) {
    throw unwritable(path, error)
  }
}

function environment(options: AgentRunnerOptions, command: AgentCommand, wpId: string): NodeJS.ProcessEnv {
  const host = options.config.host.command
  const path = options.env.PATH ?? ''
  return {
    ...withoutGitRedirections(options.env),
    // The agent marks its subtasks with the very host we use.
    PATH: isAbsolute(host) ? `${dirname(host)}:${path}` : path,
    ...command.env,
    [runMarker]: options.runId,
    SKO_REPO: options.repoRoot,
    SKO_WP: wpId,
  }
}

const notStartedClass = {
  'missing-program': 'missing-binary',
  refused: 'bad-invocation',
  other: 'crashed',
} as const

interface EndedProcess {
  readonly agent: Agent
  readonly command: AgentCommand
  readonly end: AgentEnd
  readonly prefix: string
  readonly role: Role
  readonly endedAt: number
}

function reportOf({ agent, command, end, prefix, role, endedAt }: EndedProcess): AgentReport {
  if (end.kind === 'spawn-failed') {
    return refusal({ class: notStartedClass[end.reason], detail: end.message })
  }
  const report = agent.read({
    role,
    exitCode: end.kind === 'exited' ? end.code : null,
    ...outputOf(prefix),
    stderr: tail(`${prefix}.err.log`, stderrTail).text,
    resultFile: command.resultFile ? tail(command.resultFile, stdoutTail).text || null : null,
    endedAt,
  })
  return { ...report, sessionId: command.session ?? report.sessionId }
}

/** The session of an attempt whose end nobody saw, as far as its CLI named it. */
export function sessionInLog(agent: Agent, prefix: string): string | null {
  const unseen = { role: 'implementation', exitCode: null, stderr: '', resultFile: null, endedAt: 0 } as const
  return agent.read({ ...unseen, ...outputOf(prefix) }).sessionId
}

function outputOf(prefix: string) {
  const { text: stdout, cut } = tail(`${prefix}.out.log`, stdoutTail)
  return { stdout, cut, head: head(`${prefix}.out.log`, stdoutHead).text }
}

function notStarted(failure: Failure): AttemptOutcome {
  const reason = failure.class === 'missing-binary' ? 'missing-program' : 'refused'
  return { end: { kind: 'spawn-failed', reason, message: failure.detail }, elapsedMs: 0, report: refusal(failure) }
}

function refusal(failure: Failure): AgentReport {
  return { ok: false, failure, text: '', usage: null, sessionId: null }
}
