import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { type CallProcess, type HostCall, type HostCallResult, runHostCall } from '../process/host-call.ts'
import { type HostClient, hostClient } from '../run/host/host-client.ts'
import { type HostErrorCode, type HostOutcome, hostFailure } from '../run/host/host-outcome.ts'
import type { HostInput, KeptAnswer } from '../run/host/input.ts'
import { readHostAnswer } from './answer/answer.ts'
import { callFailure } from './answer/call-failure.ts'
import { createKeyedQueue } from './keyed-queue.ts'
import { markSubtasksArgs, readMarkedSubtasks } from './mark-subtasks.ts'
import { argumentsProblem, hostEnvironment, inputProblem } from './sharp-edges.ts'
import { unreadAnswer } from './unread-answer.ts'
import type { MakeCall } from './warm/warm-host.ts'

export interface HostClientOptions {
  /** A program name on PATH, or a path (relative to `cwd`). */
  readonly command: string
  /** The main checkout of the project. */
  readonly cwd: string
  /** The host treats the actor of a WP's last event as its owner, so this must be the same in every call. */
  readonly actor: string
  /** For most calls. Those that allocate a worktree or merge get at least ten minutes. */
  readonly timeoutSeconds: number
  /** Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Additional variables for calls that change nothing. */
  readonly readEnv?: Readonly<Record<string, string>>
  readonly onCall?: (call: HostCallRecord) => void
  /** Default: a process of its own for each call. */
  readonly makeCall?: MakeCall | undefined
  /** Asked before each change. Returns why no change may be made now; null: it may. */
  readonly whyNoChange?: () => Promise<string | null>
}

export interface HostCallRecord {
  readonly command: string
  readonly wpId: string | null
  readonly mutates: boolean
  /** With the wait for the warm host, without that for a free processor. */
  readonly elapsedMs: number
  /** The last one if it was made again; null: none has ended. */
  readonly process: CallProcess | null
  readonly ok: boolean
  readonly code?: HostErrorCode
}

const minutesSeconds = 600
const maxBytes = 10_000_000

export function createHostClient(options: HostClientOptions): HostClient {
  const { actor } = options
  const env = hostEnvironment(options.env ?? process.env, options.command, options.cwd)
  // A call is processor-bound (97 % of it is Python imports): more calls at once than processors gain nothing
  // (measured).
  const limit = pLimit(availableParallelism())
  const queued = createKeyedQueue()

  async function make<T>(call: Spawn<T>, input: HostInput): Promise<HostOutcome<T>> {
    const problem = inputProblem(input, call.mutates) ?? argumentsProblem(call.args)
    if (problem !== null) return hostFailure('invalid-input', `${call.name}: ${problem}`)
    const spawnWhenFree = () =>
      limit(() => spawnHost({ call, input }, options, call.mutates ? env : { ...env, ...options.readEnv }))
    // One change per WP at a time. Changes of the whole mission wait only for each other.
    return call.mutates ? queued(`${input.mission}/${input.wpId ?? ''}`, spawnWhenFree) : spawnWhenFree()
  }

  return hostClient({
    call: (command, input) => {
      const merges = command.timeout === 'minutes'
      return make(
        {
          name: command.name,
          mutates: command.mutates,
          args: ['orchestrator-api', command.name, ...command.args(input, actor)],
          timeoutSeconds: merges ? Math.max(minutesSeconds, options.timeoutSeconds) : options.timeoutSeconds,
          merges,
          read: (exitCode, stdout, stderr) => readHostAnswer(command, exitCode, stdout, stderr, input),
          keptAnswer: input.keptAnswer,
        },
        input,
      )
    },
    markSubtasks: input =>
      make(
        {
          name: 'mark-status',
          mutates: true,
          args: markSubtasksArgs(input),
          timeoutSeconds: options.timeoutSeconds,
          merges: false,
          read: (exitCode, stdout, stderr) => readMarkedSubtasks(exitCode, stdout, stderr, input.subtasks),
        },
        input,
      ),
  })
}

interface Spawn<T> {
  readonly name: string
  readonly mutates: boolean
  /** After the program name. */
  readonly args: readonly string[]
  readonly timeoutSeconds: number
  readonly merges: boolean
  readonly read: (exitCode: number, stdout: string, stderr: string) => HostOutcome<T>
  readonly keptAnswer?: KeptAnswer | undefined
}

type Environment = Readonly<Record<string, string>>

async function spawnHost<T>(
  { call, input }: { readonly call: Spawn<T>; readonly input: HostInput },
  options: HostClientOptions,
  env: Environment,
): Promise<HostOutcome<T>> {
  const { name, args, mutates, timeoutSeconds, merges, keptAnswer } = call
  const { command: file, cwd, onCall, makeCall = (call: HostCall) => runHostCall(call) } = options
  const unread = keptAnswer?.calledBefore ? await unreadAnswer({ ...call, answerFile: keptAnswer.file }) : null
  if (unread) return unread
  const why = mutates ? await options.whyNoChange?.() : null
  if (why) return hostFailure('call-failed', `${name} was not called: ${why}`)
  const started = performance.now()
  const processes: CallProcess[] = []
  const onEnded = (process: CallProcess) => void processes.push(process)
  const hostCall = { file, args, cwd, env, timeoutSeconds, maxBytes, merges, stdoutFile: keptAnswer?.file, onEnded }
  const outcome = outcomeOf(await makeCall(hostCall, mutates), call, file)
  onCall?.({
    command: name,
    wpId: input.wpId ?? null,
    mutates,
    elapsedMs: Math.round(performance.now() - started),
    process: processes.at(-1) ?? null,
    ok: outcome.ok,
    ...(outcome.ok ? {} : { code: outcome.code }),
  })
  return outcome
}

function outcomeOf<T>(result: HostCallResult, call: Spawn<T>, program: string): HostOutcome<T> {
  if (result.kind === 'exited') return call.read(result.exitCode, result.stdout, result.stderr)
  if (result.kind !== 'status-lost') return callFailure(result, { ...call, program })
  // The host's own report of success is enough.
  const outcome = call.read(0, result.stdout, '')
  return outcome.ok ? outcome : callFailure(result, { ...call, program })
}
