import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createEventLog } from '../../src/report/event-log.ts'
import { oneOfEach, stamped } from './events.ts'

it('the event log has every event as soon as it happened, for the user alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'events.ndjson')
  const events = Object.values(oneOfEach).map(event => stamped(event))
  const log = createEventLog(file)
  const onDisk = (): unknown[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
  for (const [index, event] of events.entries()) {
    log.onEvent(event)
    expect(onDisk()).toEqual(events.slice(0, index + 1))
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
