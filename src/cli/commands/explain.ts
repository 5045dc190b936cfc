import { type Explained, explain } from '../../core/explain/explain.ts'
import { differs, type Replayed, replay } from '../../core/explain/replay.ts'
import { listed } from '../../core/format.ts'
import { oneLine } from '../../core/text.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { decisionLog, type RecordedProcess, readDecisionLog } from '../../state/decision-log.ts'
import { runLogsFolder } from '../../state/store.ts'
import { requireRun } from '../shared/stored-run.ts'
import { explanationOf, timeOf } from '../terminal/explanation.ts'
import { writeOut } from '../terminal/output.ts'

interface ExplainOptions {
  readonly repoRoot?: string
}

/** Reads only: makes the decisions of the run again from its record, and says of each what was known and what was chosen. */
export async function explainCommand(wp: string | undefined, { repoRoot }: ExplainOptions): Promise<ExitCode> {
  const { kittify } = await findRepository(repoRoot)
  const { runId, mission } = await requireRun(kittify)
  const logs = runLogsFolder(kittify, runId)
  const processes = recordOf(logs, runId)
  const replayed = processes.map(process => (process.kind === 'entries' ? replay(process.entries) : []))
  if (wp !== undefined) refuseUnknown(wp, replayed.flat())
  writeOut(`Run ${runId} of mission ${mission}, times in UTC\n\n`)
  for (const [index, process] of processes.entries()) {
    const shown = explain(replayed[index] ?? []).filter(explained => wp === undefined || isAbout(explained, wp))
    for (const explained of shown) writeOut(linesOf(explained))
    const left = leftOut(process)
    if (left !== null) writeOut(`${left}\n`)
  }
  const decisions = replayed.flat().flatMap(({ decision }) => decision ?? [])
  const different = decisions.filter(differs).length
  writeOut(`\n${summaryOf(decisions.length, different)}\n`)
  return different > 0 ? exitCodes.needsPerson : exitCodes.ok
}

function recordOf(logs: string, runId: string): readonly RecordedProcess[] {
  const file = decisionLog(logs)
  const cannot = (message: string) =>
    new OrchestratorError({
      code: 'no-decisions',
      exitCode: exitCodes.usage,
      message,
      hint: `what happened is in ${logs}/events.ndjson; a run that this version of sko begins or resumes has a record`,
    })
  try {
    const processes = readDecisionLog(file)
    const [first] = processes
    if (first === undefined) throw cannot(`the record of run ${runId} is empty`)
    if (processes.some(({ kind }) => kind === 'entries')) return processes
    throw cannot(`the decisions of run ${runId} cannot be explained: ${leftOut(first)}`)
  } catch (error) {
    if (error instanceof OrchestratorError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw cannot(`run ${runId} has no record of its decisions`)
    }
    throw cannot(`the record of run ${runId} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function refuseUnknown(wp: string, replayed: readonly Replayed[]): void {
  const known = new Set(replayed.flatMap(({ known }) => known.nodes.map(({ wpId }) => wpId)))
  if ([...known].some(wpId => wpId === wp)) return
  throw new OrchestratorError({
    code: 'unknown-wp',
    exitCode: exitCodes.usage,
    message: `the record of this run has no ${JSON.stringify(wp)}`,
    hint: `it has: ${listed([...known])}`,
  })
}

function isAbout(explained: Explained, wp: string): boolean {
  switch (explained.kind) {
    case 'process':
    case 'lost':
      return true
    case 'differs':
      return explained.wpIds.some(wpId => wpId === wp)
    case 'event': {
      const { event } = explained
      if (event.type === 'decided') return event.record.wpId === wp
      return 'wpId' in event ? event.wpId === wp : true
    }
    default:
      return explained.wpId === wp
  }
}

function linesOf(explained: Explained): string {
  const [first = '', ...more] = explanationOf(explained).map(line => line.replace(/\S.*/s, said => oneLine(said, 1000)))
  const indent = ' '.repeat(20)
  return [`${timeOf(explained.at)} ${first}`, ...more.map(line => `${indent}${line}`)].map(line => `${line}\n`).join('')
}

/** What of a process cannot be explained; null: nothing. */
function leftOut(process: RecordedProcess): string | null {
  if (process.kind === 'other-version') {
    return `another version of sko recorded what a process decided (form ${process.version} of the record), so that is left out`
  }
  const { brokenLine } = process
  return brokenLine === null ? null : `line ${brokenLine} of the record cannot be read: what follows it is left out`
}

function summaryOf(decisions: number, different: number): string {
  if (different === 0) return `${decisions} decisions; the rules of this version choose the same in each`
  return `${decisions} decisions; the rules of this version choose differently in ${different} of them (DIFFERS)`
}
