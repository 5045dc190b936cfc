import { describe, expect, it } from 'vitest'
import { createBoard } from '../../src/report/board.ts'
import { boardAfter, boardLines, emptyBoard } from '../../src/report/board-view.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { oneOfEach, stamped } from './events.ts'

const size = { columns: 80, rows: 40 }
const start = Date.parse('2026-11-21T10:20:30.000Z')
const boardOf = (...events: readonly EventBody[]) =>
  events.reduce((state, event) => boardAfter(state, stamped(event)), emptyBoard)

describe('the board', () => {
  it('shows lanes, progress with an estimate, what runs and how long its log has been silent', () => {
    const state = boardOf(oneOfEach['run-started'], oneOfEach.looked, oneOfEach['attempt-started'])
    expect(boardLines(state, start + 60_000, size, () => 5_000)).toEqual([
      '── demo  planned 3  done 1',
      '   1/4 approved or done, 1 m 00 s, about 3 m 00 s left',
      '  WP02 review by claude-code (attempt 2, cycle 1) for 1 m 00 s, last output 5.…',
    ])
  })

  it('moves a WP between lanes, ends attempts, and keeps what waits or needs a person', () => {
    const moved = boardOf(oneOfEach['run-started'], oneOfEach.looked, oneOfEach['lane-changed'])
    expect(moved.lanes).toEqual({ planned: 2, done: 1, in_progress: 1 })
    const ended = boardOf(oneOfEach['run-started'], oneOfEach['attempt-started'], oneOfEach['attempt-ended'])
    expect(ended.running.size).toBe(0)
    const held = boardOf(oneOfEach['run-started'], oneOfEach['needs-person'])
    expect(boardLines(held, start, size, () => null).at(-1)).toBe(
      '  WP02 needs attention -> sko retry WP02: rejected 3 times',
    )
  })

  it('shows a ceiling of the run that is near or reached, and a WP that its own one holds', () => {
    const { budget } = oneOfEach
    const wpId = oneOfEach['agent-quiet'].wpId
    const lines = (...events: readonly EventBody[]) =>
      boardLines(boardOf(oneOfEach['run-started'], ...events), start, { ...size, columns: 200 }, () => null)
    expect(lines({ ...budget, level: 'warned' })[1]).toContain('; 80 % of 1.00 USD is used')
    expect(lines(budget)[1]).toContain('; held: the run has used 0.90 of 1.00 USD')
    expect(lines({ ...budget, wpId }).at(-1)).toContain('  WP02 held: WP02 has used 0.90 of 1.00 USD')
    expect(lines({ ...budget, wpId, level: 'warned' })).toHaveLength(2)
  })

  it.each([
    ['when it is reported', 0, 450_000, true],
    ['a minute later, still silent', 60_000, 510_000, true],
    ['a minute later, where its log is gone', 60_000, null, true],
    ['a minute later, after output', 60_000, 59_000, false],
    ['when it would have been stopped', 456_000, 906_000, false],
  ])('shows beside the attempt that its agent is quiet: %s', (_, sinceMs, silentMs, shown) => {
    const state = boardOf(oneOfEach['run-started'], oneOfEach['attempt-started'], oneOfEach['agent-quiet'])
    const line = boardLines(state, start + sinceMs, size, () => silentMs).at(-1)
    expect(line).toMatch(
      shown ? /^ {2}WP02 no sign of life for 7 m 30 s: review by claude-code/ : /^ {2}WP02 review by/,
    )
  })

  it('forgets that an agent was quiet when its attempt ends', () => {
    const { 'attempt-started': begins, 'agent-quiet': quiet, 'attempt-ended': ends } = oneOfEach
    expect(boardOf(begins, quiet, ends, begins).running.get(begins.wpId)).toMatchObject({ quiet: null })
    expect(boardOf(begins, ends, quiet).running.size).toBe(0)
  })

  it('says that the run is paused, and how to continue it', () => {
    const state = boardOf(oneOfEach['run-started'])
    const second = (more: Partial<typeof state>) => boardLines({ ...state, ...more }, start, size, () => null).slice(1)
    expect(second({})).toEqual(['   0/4 approved or done, 0.0 s'])
    expect(second({ takesKeys: true })).toEqual(['   0/4 approved or done, 0.0 s   p: pause'])
    const paused = boardAfter(state, stamped(oneOfEach.paused))
    expect(boardLines(paused, start, size, () => null).at(-1)).toBe('   PAUSED, no new attempts start -> sko continue')
    expect(second({ ...paused, takesKeys: true })).toEqual([
      '   0/4 approved or done, 0.0 s',
      '   PAUSED, no new attempts start -> p, or: sko continue',
    ])
    expect(boardAfter(paused, stamped(oneOfEach.continued)).paused).toBe(false)
  })

  it('is never wider than the terminal nor higher than half of it', () => {
    const state = boardOf(oneOfEach['run-started'], oneOfEach.looked)
    const running = new Map(
      Array.from({ length: 50 }, (_, index) => [
        `WP${index + 10}`,
        { role: 'review', agent: 'codex', attempt: 1, cycle: 1, startedAt: start, log: '', quiet: null } as const,
      ]),
    )
    const crowded = {
      ...state,
      running: new Map([...running].flatMap(([id, value]) => (isWp(id) ? [[id, value] as const] : []))),
    }
    const lines = boardLines(crowded, start, { columns: 30, rows: 12 }, () => null)
    expect(lines.length).toBeLessThanOrEqual(6)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(29)
    expect(lines.at(-1)).toMatch(/and \d+ more/)
  })
})

describe('createBoard', () => {
  it('takes the board away before a line and leaves only lines and the summary behind', async () => {
    const screen: string[] = []
    const terminal = {
      isReady: () => true,
      write: (text: string) => screen.push(text),
      size: () => size,
      takesKeys: true,
    }
    const board = createBoard(terminal, () => start)
    board.onEvent(stamped(oneOfEach['run-started']))
    board.onEvent(stamped(oneOfEach['lane-changed']))
    board.onEvent(stamped(oneOfEach['run-finished']))
    await board.close()
    expect(screen[1]?.startsWith('\u001b[2A\r\u001b[J10:20:30 WP02 planned -> in_progress\n')).toBe(true)
    expect(screen[2]).toContain('Mission demo: 1 of 2')
    expect(screen.at(-1)).toBe('\u001b[J')
    expect(screen.join('')).not.toContain('\u001b[?1049h')
  })
})

function isWp(text: string): text is Parameters<typeof emptyBoard.running.get>[0] {
  return /^WP\d\d$/.test(text)
}
