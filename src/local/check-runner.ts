import { constants } from 'node:os'
import { quote, redact, withoutEscapes } from '../core/text.ts'
import { tail } from '../files/file-part.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'
import { runProcess } from '../process/supervision/run-process.ts'
import type { RunCheck } from '../run/ports.ts'
import { bytesPerMb, graceSeconds, runMarker } from './agent-runner.ts'

/** How much of a check's output the agent and a person see: its last lines, where tools report errors. */
const keptLines = 40
const keptCharacters = 4096
/** How much is read for that: enough to contain the start of a multi-line secret. */
const tailBytes = 64 * 1024

interface CheckRunnerOptions {
  readonly runId: string
  readonly repoRoot: string
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly maxLogMb: number
}

/**
 * The `runCheck` port: `sh -c` with the user's command, both outputs in one log. None of its processes remain
 * afterwards.
 */
export function createCheckRunner({ runId, repoRoot, env, maxLogMb }: CheckRunnerOptions): RunCheck {
  return async ({ wpId, command, worktree, logFile, timeoutSeconds }, signal) => {
    const { end, elapsedMs } = await runProcess(
      {
        file: '/bin/sh',
        args: ['-c', command],
        cwd: worktree,
        env: {
          ...withoutGitRedirections(env),
          [runMarker]: runId,
          SKO_REPO: repoRoot,
          ...(wpId ? { SKO_WP: wpId } : {}),
        },
        stdinFile: null,
        stdoutFile: logFile,
        stderrFile: null,
        statusFile: null,
        maxLogBytes: maxLogMb * bytesPerMb,
        timeoutSeconds,
        inactivitySeconds: timeoutSeconds,
        idleShare: 0,
        graceSeconds,
        marker: { name: 'SKO_CHECK', value: logFile },
      },
      { signal, onSpawn: async () => {}, onQuiet: () => {} },
    )
    const ended = (exitCode: number | null, stopped?: string) => {
      const output = exitCode === 0 ? '' : endOf(logFile)
      const why = stopped === undefined ? {} : { stopped }
      const result = { command: redact(command), exitCode, ...why, output, log: logFile }
      return { kind: 'ended', result, elapsedMs } as const
    }
    switch (end.kind) {
      case 'aborted':
        return { kind: 'interrupted' }
      case 'spawn-failed':
        return { kind: 'not-started', message: quote(end.message) }
      case 'exited':
        return ended(end.code)
      case 'signaled':
        return ended(128 + numberOf(end.signal))
      case 'timed-out':
      case 'stalled':
        return ended(null, `it ran longer than agents.timeout_seconds (${end.seconds} s)`)
      case 'log-full':
        return ended(null, `it printed more than agents.max_log_mb (${maxLogMb} MB)`)
    }
  }
}

/** The exit code that a shell reports for this signal. */
function numberOf(signal: string): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0
}

/** The whole tail is redacted before it is cut, because a key has many lines. */
function endOf(logFile: string): string {
  const lines = redact(withoutEscapes(tail(logFile, tailBytes).text))
    .split(/\r?\n|\r/)
    .map(line => quote(line))
  const last = lines.join('\n').trim().split('\n').slice(-keptLines).join('\n')
  return last.length <= keptCharacters ? last : last.slice(last.indexOf('\n', last.length - keptCharacters) + 1)
}
