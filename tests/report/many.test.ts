import { describe, expect, it } from 'vitest'
import type { RunStatus, WpStatus } from '../../src/cli/shared/run-status.ts'
import { statusText } from '../../src/cli/terminal/status-text.ts'
import { isWpId, type WpId } from '../../src/core/ids.ts'
import { boardAfter, boardLines, emptyBoard } from '../../src/report/board-view.ts'
import { summary } from '../../src/report/summary.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { oneOfEach, stamped } from './events.ts'

const screen = { columns: 100, rows: 40 }
const count = 1_000
const wpIds = Array.from({ length: count }, (_, index) => wpOf(`WP${String(index + 1).padStart(4, '0')}`))

function wpOf(text: string): WpId {
  if (!isWpId(text)) throw new Error(text)
  return text
}

describe('a mission of 1,000 work packages', () => {
  const {
    'run-started': started,
    looked,
    'attempt-started': begins,
    'wp-waiting': waits,
    'needs-person': person,
  } = oneOfEach
  const boardOf = (events: readonly EventBody[]) =>
    events.reduce((state, event) => boardAfter(state, stamped(event)), emptyBoard)

  it('has a board with what runs, what needs attention and a count of the rest', () => {
    const board = boardOf([
      { ...started, workPackages: count },
      { ...looked, lanes: { planned: 900, done: 92, in_progress: 8 } },
      ...wpIds.slice(0, 8).map(wpId => ({ ...begins, wpId })),
      ...wpIds.slice(100, 200).map(wpId => ({ ...waits, wpId })),
      ...wpIds.slice(500, 503).map(wpId => ({ ...person, wpId })),
    ])
    let looks = 0
    const silent = () => {
      looks += 1
      return null
    }
    const lines = boardLines(board, Date.parse('2026-11-21T10:20:30.000Z'), screen, silent)
    expect(lines).toHaveLength(19)
    expect(looks).toBe(8)
    expect(lines.slice(2).map(line => line.trim().split(' ')[0])).toEqual([
      ...wpIds.slice(0, 8),
      ...wpIds.slice(500, 503),
      ...wpIds.slice(100, 105),
      '…',
    ])
    expect(lines.at(-1)).toBe('  … and 95 more: 95 wait')
    const small = boardLines(board, 0, { columns: 100, rows: 14 }, () => null)
    expect(small.at(-1)).toBe('  … and 108 more: 5 run, 3 need attention, 100 wait')
  })

  it('has a report with what is open, and a line for the rest', () => {
    const { 'run-finished': finished } = oneOfEach
    const [one] = finished.workPackages
    if (!one) throw new Error('no work package')
    const all = wpIds.map((wpId, index) => ({
      ...one,
      wpId,
      lane: index < 950 ? 'done' : 'blocked',
      reason: index < 950 ? null : 'rejected 3 times',
      heldBy: null,
      branch: `kitty/lane-${index % 26}`,
    }))
    const text = summary({ ...finished, merged: false, workPackages: all })
    expect(text.split('\n').length).toBeLessThan(160)
    expect(text).toContain('… and 960 more, see: sko status')
    expect(text).toContain('  … and 10 more, see: sko status')
    expect(text).toMatch(/ {2}kitty\/lane-0: WP0001, .* and 19 more\n/)
    expect(summary({ ...finished, workPackages: all.slice(0, 40) })).toContain('WP0040  done')
  })

  const statusOf = (running: number, persons: number): RunStatus => ({
    runId: '20261121-102030-abcdef',
    mission: 'demo',
    phase: 'running',
    owner: 4711,
    paused: false,
    end: null,
    used: [],
    cooldowns: {},
    workPackages: wpIds.map((wpId, index): WpStatus => {
      const isRunning = index >= 900 && index < 900 + running
      const needsPerson = index >= 500 && index < 500 + persons
      return {
        wpId,
        lane: isRunning ? 'in_progress' : needsPerson ? 'blocked' : index < 900 ? 'done' : 'planned',
        role: null,
        agent: null,
        ...{ cliVersion: null, model: null, configuredModel: null },
        attempt: 0,
        cycle: 1,
        elapsedMs: isRunning ? 1_000 : null,
        step: isRunning ? 'implementation is running' : needsPerson ? 'needs attention: rejected' : 'finished',
        next: [],
        log: `/home/someone/project/.kittify/logs/20261121-102030-abcdef/${wpId}/implementation-c1-a1.out.log`,
        needsPerson,
        tried: needsPerson ? ['attempt 1: rejected'] : [],
        findings: [],
        followUps: [],
      }
    }),
  })

  it.each([
    [8, 0, '… and 992 more: 900 done, 92 planned. All of them: sko status | cat'],
    [0, 400, 'need attention. All of them: sko status | cat'],
  ])('has a status that fits the screen, of which %i run and %i need attention', (running, persons, rest) => {
    const lines = statusText(statusOf(running, persons), screen).split('\n')
    const height = lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / screen.columns)), 0)
    expect(height).toBeLessThan(screen.rows)
    expect(lines.find(line => line.startsWith('…'))).toContain(rest)
    expect(lines.filter(line => line.startsWith('WP09'))).toHaveLength(running)
    expect(statusText(statusOf(running, persons), null).split('\n').length).toBeGreaterThan(count)
  })
})
