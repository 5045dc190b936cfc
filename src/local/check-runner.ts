import { constants } from 'node:os'
import { quote, redact, withoutEscapes } from '../core/text.ts'
import { tail } from '../files/file-part.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'
import { runProcess } from '../process/supervision/run-process.ts'
import type { RunCheck } from '../run/ports.ts'
import { bytesPerMb, graceSeconds, runMarker } from './agent-runner.ts'

/** What of a check's output is kept for the agent and for a person: its end, where tools say what is wrong. */
const keptLines = 40
const keptCharacters = 4096
/** What is looked at for it: so much, that the beginning of a secret over many lines is in it. */
const tailBytes = 64 * 1024

interface CheckRunnerOptions {
  readonly runId: string
  readonly repoRoot: string
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly maxLogMb: number
}

/** The `runCheck` port: `sh -c` with the user's own words, both outputs in one log, nothing of it left afterwards. */
export function createCheckRunner({ runId, repoRoot, env, maxLogMb }: CheckRunnerOptions): RunCheck {
  return async ({ wpId, command, worktree, logFile, timeoutSeconds }, signal) => {
    const { end, elapsedMs } = await runProcess(
      {
        file: '/bin/sh',
        args: ['-c', command],
        cwd: worktree,
        env: { ...withoutGitRedirections(env), [runMarker]: runId, SKO_REPO: repoRoot, SKO_WP: wpId },
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

/** As a shell tells of its command. */
function numberOf(signal: string): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0
}

/** Redacted as a whole first: a key has many lines. */
function endOf(logFile: string): string {
  const lines = redact(withoutEscapes(tail(logFile, tailBytes).text))
    .split(/\r?\n|\r/)
    .map(line => quote(line))
  const last = lines.join('\n').trim().split('\n').slice(-keptLines).join('\n')
  return last.length <= keptCharacters ? last : last.slice(last.indexOf('\n', last.length - keptCharacters) + 1)
}
