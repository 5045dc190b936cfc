import { expect, it } from 'vitest'
import { createReport } from '../../src/report/reporter.ts'
import type { Event, Reporter } from '../../src/run/events/event.ts'

it('a reporter that fails is reported once, by the others, and still gets later events', () => {
  const heard: Event[] = []
  const tried: string[] = []
  let isFull = true
  const broken: Reporter = {
    onEvent: event => {
      tried.push(event.type)
      if (isFull) throw new Error('cannot write events.ndjson: ENOSPC')
    },
    close: async () => {},
  }
  const listening: Reporter = { onEvent: event => heard.push(event), close: async () => {} }
  const { report } = createReport({ runId: 'run', missionId: 'ID', mission: 'demo-ID' }, () => 0, [broken, listening])
  report({ type: 'paused', next: [] })
  report({ type: 'continued' })
  isFull = false
  report({ type: 'paused', next: [] })
  expect(heard).toEqual([
    expect.objectContaining({
      type: 'not-reported',
      reason: expect.stringContaining('events.ndjson: ENOSPC'),
      at: '1970-01-01T00:00:00.000Z',
      runId: 'run',
      schema_version: '1.0.0',
      mission_id: 'ID',
      mission_slug: 'demo-ID',
    }),
    expect.objectContaining({ type: 'paused' }),
    expect.objectContaining({ type: 'continued' }),
    expect.objectContaining({ type: 'paused' }),
  ])
  expect(tried).toEqual(['paused', 'not-reported', 'continued', 'paused'])
})
