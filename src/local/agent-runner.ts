import { basename, dirname } from 'node:path'
import { longestArgument } from '../core/argument.ts'
import type { AgentId } from '../core/ids.ts'
import type { RunRules } from '../core/rules.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'
import { runProcess } from '../process/supervision/run-process.ts'
import type { Agent, AgentCommand, AgentSettings } from '../run/attempts/agent.ts'
import { settingsOf } from '../run/attempts/agent-pool.ts'
import type { RunAgent, Store } from '../run/ports.ts'
import {
  attemptMarker,
  makeNewFolder,
  noteStop,
  notStarted,
  outcomeOf,
  processFiles,
  setAsideAll,
  writeFacts,
  writePrivate,
} from './attempt-files.ts'

/** From TERM to KILL when an agent is stopped. */
export const graceSeconds = 5

export const bytesPerMb = 1024 * 1024

export interface AgentRunnerOptions {
  readonly runId: string
  readonly repoRoot: string
  readonly config: RunRules
  /** `agents.max_log_mb` */
  readonly maxLogMb: number
  /** The host's program as agents call it: a name on PATH or an absolute path. */
  readonly host: string
  readonly registry: ReadonlyMap<AgentId, Agent>
  /** Absolute path of the agent's program; null when it is not installed. */
  readonly findProgram: (agent: Agent) => string | null
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly store: Pick<Store, 'attemptFiles'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The variable that marks every process of a run, so that processes that leave their group can be found. */
export const runMarker = 'SKO_RUN_ID'

/** The `runAgent` port: runs one agent process, with its files, in the lane worktree. */
export function createAgentRunner(options: AgentRunnerOptions): RunAgent {
  return async (request, control) => {
    const agent = options.registry.get(request.agent)
    const file = agent ? options.findProgram(agent) : null
    if (!agent || !file) return notStarted({ class: 'missing-binary', detail: 'it is not installed' })
    const prefix = options.store.attemptFiles(request.wpId, { ...request, number: request.attempt })
    const promptFile = `${prefix}.prompt.md`
    await setAsideAll(prefix)
    await writePrivate(promptFile, request.prompt)
    const prompt = agent.promptVia === 'argument' ? new TextDecoder().decode(request.prompt) : ''
    if (Buffer.byteLength(prompt) > longestArgument || prompt.includes('\0')) {
      return notStarted({
        class: 'refused',
        detail: 'it takes its prompt as an argument, and this one has 128 KiB or a NUL byte',
      })
    }
    const command = agent.command({
      role: request.role,
      promptFile,
      prompt,
      worktree: request.worktree,
      filePrefix: prefix,
      timeoutSeconds: request.timeoutSeconds,
      settings: withModel(settingsOf(options.config, agent.id, request.role), request.wpModel),
      resumeSession: agent.resumes && request.role === 'implementation' ? request.resumeSession : null,
    })
    for (const folder of foldersOf(command, prefix)) await makeNewFolder(folder)
    for (const { path, content } of command.files) await writePrivate(path, content)
    const { wpId, role, attempt, worktree, timeoutSeconds, inactivitySeconds } = request
    const limits = { timeoutSeconds, inactivitySeconds, maxLogBytes: options.maxLogMb * bytesPerMb }
    const facts = { worktree, resultFile: command.resultFile ?? null, session: command.session ?? null, ...limits }
    await writeFacts(prefix, facts)
    const unwatch = noteStop(prefix, control.signal)
    const ended = await runProcess(
      {
        file,
        args: command.args,
        cwd: worktree,
        env: environment(options, command, wpId),
        stdinFile: agent.promptVia === 'stdin' ? promptFile : null,
        ...processFiles(prefix),
        ...limits,
        idleShare: agent.idleShare,
        graceSeconds,
        marker: attemptMarker(options.runId, wpId, attempt),
      },
      control,
    ).finally(unwatch)
    return outcomeOf({ agent, facts, prefix, role, ...ended, endedAt: options.now() })
  }
}

function withModel(settings: AgentSettings, model: string | null): AgentSettings {
  return { ...settings, model: settings.model ?? model }
}

/** Folders below the attempt's own name. */
function foldersOf({ files }: AgentCommand, prefix: string): readonly string[] {
  return [...new Set(files.map(({ path }) => dirname(path)))].filter(folder =>
    basename(folder).startsWith(`${basename(prefix)}.`),
  )
}

function environment(options: AgentRunnerOptions, command: AgentCommand, wpId: string): NodeJS.ProcessEnv {
  const { host } = options
  const path = options.env.PATH ?? ''
  return {
    ...withoutGitRedirections(options.env),
    // The agent marks its subtasks with the same host that we use.
    PATH: host.includes('/') ? `${dirname(host)}:${path}` : path,
    ...command.env,
    [runMarker]: options.runId,
    SKO_HOST: host,
    SKO_REPO: options.repoRoot,
    // In a lane worktree of a submodule, or of a project with a separate git folder, the host treats the worktree as
    // the project.
    SPECIFY_REPO_ROOT: options.repoRoot,
    SKO_WP: wpId,
  }
}
