import { createReadStream, existsSync, statSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { listed } from '../../core/format.ts'
import { isWpId } from '../../core/ids.ts'
import type { Attempt, WpRecord } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { isAlive } from '../../process/table/identity.ts'
import { harmless } from '../../report/harmless.ts'
import { createStore } from '../../state/store.ts'
import { requireRun } from '../shared/stored-run.ts'
import { writeOut } from '../terminal/output.ts'

const followMs = 500

interface LogsOptions {
  readonly repoRoot?: string
  readonly follow?: boolean
}

/** Without a WP: lists all logs. With a WP: prints the output of its last attempt as the agent wrote it. */
export async function logsCommand(wp: string | undefined, options: LogsOptions): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  const state = await requireRun(repository.kittify)
  const store = createStore(repository.kittify, state)
  const records = store.records()
  const fileOf = (record: WpRecord, attempt: Attempt) => `${store.attemptFiles(record.wpId, attempt)}.out.log`
  if (wp === undefined) {
    for (const record of records) for (const attempt of record.attempts) writeOut(`${fileOf(record, attempt)}\n`)
    return exitCodes.ok
  }
  const record = records.find(other => isWpId(wp) && other.wpId === wp)
  const attempt = record?.attempts.at(-1)
  if (!record || !attempt) throw nothingYet(wp, records)
  const file = fileOf(record, attempt)
  const ended = () => attempt.result !== null || existsSync(`${store.attemptFiles(record.wpId, attempt)}.exit`)
  const gone = () => attempt.process !== null && !isAlive(attempt.process)
  let offset = await copy(file, 0)
  while (options.follow && !ended() && !gone()) {
    await sleep(followMs)
    offset = await copy(file, offset)
  }
  if (options.follow) await copy(file, offset)
  return exitCodes.ok
}

/** Byte for byte, except on a terminal. */
async function copy(file: string, from: number): Promise<number> {
  const size = existsSync(file) ? statSync(file).size : 0
  if (size <= from) return from
  const filter = process.stdout.isTTY ? harmless() : new PassThrough()
  try {
    await pipeline(createReadStream(file, { start: from, end: size - 1 }), filter, process.stdout, { end: false })
  } catch (error) {
    // The reader is gone (`sko logs WP01 | head`).
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
  return size
}

function nothingYet(wp: string, records: readonly WpRecord[]): OrchestratorError {
  const known = records.filter(record => record.attempts.length > 0).map(record => record.wpId)
  return new OrchestratorError({
    code: 'no-log',
    exitCode: exitCodes.usage,
    message: `there is no log of ${JSON.stringify(wp)} in this run`,
    hint: `with a log: ${listed(known) || 'none yet'}`,
  })
}
