import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { patienceMs } from '../../patience.ts'
import type { FakeCall } from './fake-state.ts'

/** Where it runs, on the fake host or on the real one. */
export interface SkoPlace {
  readonly repo: string
  readonly env: Readonly<Record<string, string>>
  /** Shown when the test fails. */
  journal(): Promise<readonly Pick<FakeCall, 'n' | 'command' | 'wp' | 'exit' | 'code'>[]>
}

export interface SkoOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Standard input; empty unless said. */
  readonly input?: string
  /** After which it is killed; our patience unless said. */
  readonly timeoutMs?: number
  /** Folder to run in; the repository unless said. */
  readonly cwd?: string
  /** A program and its arguments that starts sko in its place, e.g. under other limits. */
  readonly wrap?: readonly string[]
}

/** A line of `events.ndjson`; `src/run/events/event.ts` says what else each type carries. */
export type LoggedEvent = z.infer<typeof eventSchema>

export interface SkoResult {
  /** null: ended by a signal. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  /** Of this process alone, not of earlier ones in the same repository. */
  events(): readonly LoggedEvent[]
}

export interface RunningSko {
  readonly pid: number
  /** Never rejects. */
  readonly exited: Promise<SkoResult>
  kill(signal: NodeJS.Signals): void
  /** Rejects, with all that was printed, when the process ends without such an event, or our patience does. */
  waitForEvent(matches: (event: LoggedEvent) => boolean, timeoutMs?: number): Promise<LoggedEvent>
  /** Both streams so far. */
  output(): string
}

const program = fileURLToPath(new URL('../../../bin/sko.js', import.meta.url))
const eventSchema = z.looseObject({ type: z.string(), at: z.string(), runId: z.string() })

export function runSko(mission: SkoPlace, args: readonly string[], options: SkoOptions = {}): Promise<SkoResult> {
  return startSko(mission, args, options).exited
}

/** Starts the built program. Call it inside a test: if that fails, what the program printed is shown. */
export function startSko(mission: SkoPlace, args: readonly string[], options: SkoOptions = {}): RunningSko {
  const old = logSizes(mission)
  const [file = process.execPath, ...rest] = [...(options.wrap ?? []), process.execPath, program, ...args]
  const child = execa(file, rest, {
    cwd: options.cwd ?? mission.repo,
    env: { ...mission.env, ...options.env },
    input: options.input ?? '',
    timeout: options.timeoutMs ?? patienceMs,
    killSignal: 'SIGKILL',
    reject: false,
    stripFinalNewline: false,
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`cannot start ${program}`)
  const printed: string[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  const output = () => printed.join('')
  const events = () => newEvents(mission, old)
  let ended = false

  const exited = child.then(result => {
    ended = true
    return {
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      stdout: result.stdout,
      stderr: result.stderr,
      events,
    }
  })
  // Not onTestFailed, which comes after the mission is taken away.
  onTestFinished(async ({ task }) => {
    if (task.result?.state !== 'fail') return
    const calls = await mission.journal()
    const journal = calls.map(call => `${call.n} ${call.command} ${call.wp} exit ${call.exit} ${call.code ?? ''}`)
    console.log([`sko ${args.join(' ')} (pid ${pid})`, output(), 'host calls:', ...journal].join('\n'))
  })

  return {
    pid,
    exited,
    kill: signal => child.kill(signal),
    output,
    async waitForEvent(matches, timeoutMs = patienceMs) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const last = ended || Date.now() > deadline
        const found = events().find(matches)
        if (found !== undefined) return found
        if (last) throw new Error(`sko ${args.join(' ')}: no such event\n${output()}`)
        await sleep(20)
      }
    },
  }
}

function logFiles(mission: SkoPlace): readonly string[] {
  const logs = join(mission.repo, '.kittify', 'logs')
  return folders(logs).map(run => join(logs, run, 'events.ndjson'))
}

function logSizes(mission: SkoPlace): ReadonlyMap<string, number> {
  return new Map(logFiles(mission).map(file => [file, linesOf(file).length]))
}

function newEvents(mission: SkoPlace, old: ReadonlyMap<string, number>): readonly LoggedEvent[] {
  return logFiles(mission)
    .flatMap(file => linesOf(file).slice(old.get(file) ?? 0))
    .map(line => eventSchema.parse(JSON.parse(line)))
    .toSorted((a, b) => a.at.localeCompare(b.at))
}

/** Whole lines; one that is being written waits for the next look. */
function linesOf(file: string): readonly string[] {
  return ifThere(() => readFileSync(file, 'utf8'), '')
    .split('\n')
    .slice(0, -1)
}

function folders(path: string): readonly string[] {
  return ifThere(() => readdirSync(path), [])
}

function ifThere<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
