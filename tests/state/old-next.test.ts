import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { endInLog } from '../../src/report/event-log.ts'
import { runState } from '../../src/state/schema.ts'
import { sampleState } from './sample-state.ts'

const end = { at: '2026-11-21T10:20:30.000Z', reason: 'stopped by SIGINT', exitCode: 130 }
const next = [
  { command: 'git -C /m commit && sko resume', why: 'the lanes are uncommitted' },
  { command: 'sko resume', why: '' },
]
const asText = ['git -C /m commit && sko resume   (the lanes are uncommitted)', 'sko resume']

it.each([
  ['an older version, as texts', asText],
  ['this version', next],
])('the end of a run that was written by %s is read from the state and from the journal', (_, stored) => {
  expect(runState.parse({ ...sampleState, end: { ...end, next: stored } }).end).toEqual({ ...end, next })
  const file = join(mkdtempSync(join(tmpdir(), 'sko-old-')), 'events.ndjson')
  writeFileSync(file, `${JSON.stringify({ type: 'run-ended', ...end, next: stored })}\n`)
  expect(endInLog(file)).toEqual({ ...end, next })
})
