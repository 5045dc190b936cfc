import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { quote } from '../core/text.ts'
import type { CheckResult } from '../core/work-package.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'
import { runProcess } from '../process/run-process.ts'
import { graceSeconds, runMarker } from './agent-runner.ts'
import type { AgentEnd, RunCheck } from './ports.ts'

/** What of a check's output is kept for the agent and for a person: its end, where tools say what is wrong. */
const keptBytes = 4096
const keptLines = 40

/** The `runCheck` port: `sh -c` with the user's own words, both outputs in one log, nothing of it left afterwards. */
export function createCheckRunner({ runId, env }: { runId: string; env: Readonly<NodeJS.ProcessEnv> }): RunCheck {
  return async (request, signal) => {
    const { end, elapsedMs } = await runProcess(
      {
        file: '/bin/sh',
        args: ['-c', request.command],
        cwd: request.worktree,
        env: { ...withoutGitRedirections(env), [runMarker]: runId, SKO_WP: request.wpId },
        stdinFile: null,
        stdoutFile: request.logFile,
        stderrFile: null,
        timeoutSeconds: request.timeoutSeconds,
        inactivitySeconds: request.timeoutSeconds,
        graceSeconds,
        marker: { name: 'SKO_CHECK', value: request.logFile },
      },
      { signal, onSpawn: async () => {}, onQuiet: () => {} },
    )
    const result: CheckResult = {
      command: request.command,
      exitCode: exitCodeOf(end),
      output: outputOf(request.logFile, end),
      log: request.logFile,
    }
    return { result, interrupted: end.kind === 'aborted', elapsedMs }
  }
}

/** A shell gives a command that a signal ended 128 and more. */
function exitCodeOf(end: AgentEnd): number | null {
  if (end.kind === 'exited') return end.code
  return end.kind === 'signaled' ? 128 : null
}

function outputOf(logFile: string, end: AgentEnd): string {
  if (end.kind === 'spawn-failed') return quote(end.message)
  const lines = tailOf(logFile)
    .split('\n')
    .slice(-keptLines)
    .map(line => quote(line))
  return lines.join('\n').trim()
}

function tailOf(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const buffer = Buffer.alloc(Math.min(size, keptBytes))
    const read = readSync(descriptor, buffer, 0, buffer.length, Math.max(0, size - keptBytes))
    const text = buffer.subarray(0, read).toString('utf8')
    // Half a line may be half a secret.
    return size > keptBytes ? text.slice(text.indexOf('\n') + 1) : text
  } finally {
    closeSync(descriptor)
  }
}
