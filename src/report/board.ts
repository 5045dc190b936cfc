import { statSync } from 'node:fs'
import { oneLine, printable } from '../core/text.ts'
import type { Reporter } from '../run/events/event.ts'
import { type BoardSize, type BoardState, boardAfter, boardLines, emptyBoard } from './board-view.ts'
import { describe } from './describe.ts'
import { summary } from './summary.ts'

export interface Terminal {
  write(text: string): void
  /** False while the terminal accepts no output, for example after Ctrl+S. */
  isReady(): boolean
  size(): BoardSize
  /** The key p pauses and continues. */
  readonly takesKeys: boolean
}

const repaintMs = 1000
const mostWaiting = 64 * 1024
const clearBelow = '\u001b[J'
const clearLine = '\u001b[K'

/**
 * A live board under the plain lines. One write repaints it, so it does not flicker. It is removed before a line is
 * printed, so the scrollback has only lines.
 */
export function createBoard(terminal: Terminal, now: () => number): Reporter {
  let state: BoardState = { ...emptyBoard, takesKeys: terminal.takesKeys }
  let painted = 0
  let finished = false
  /** Lines not yet written because the terminal is not ready; only the last ones are kept. */
  let waiting = ''
  const up = () => (painted > 0 ? `\u001b[${painted}A\r` : '')

  const paint = (lines: string): void => {
    waiting = lastLines(waiting + lines)
    if (!terminal.isReady()) return
    const above = waiting
    waiting = ''
    paintNow(above)
  }

  const paintNow = (above: string): void => {
    const lines = finished ? [] : boardLines(state, now(), terminal.size(), silentMs)
    const board = lines.map(line => `${printable(line).replaceAll('\n', ' ')}${clearLine}\n`).join('')
    terminal.write(`${up()}${above === '' ? '' : clearBelow}${above}${board}${clearBelow}`)
    painted = lines.length
  }

  const timer = setInterval(() => paint(''), repaintMs)
  timer.unref()

  return {
    onEvent: event => {
      state = boardAfter(state, event)
      const text = describe(event)
      finished ||= event.type === 'run-finished' || event.type === 'run-ended'
      const line = text === null ? '' : `${event.at.slice(11, 19)} ${oneLine(text, Number.POSITIVE_INFINITY)}\n`
      paint(event.type === 'run-finished' ? `${line}\n${printable(summary(event))}\n` : line)
    },
    close: async () => {
      clearInterval(timer)
      finished = true
      // Even if the terminal is not ready.
      paintNow(waiting)
    },
  }

  function silentMs(log: string): number | null {
    try {
      return Math.max(0, now() - statSync(`${log}.out.log`).mtimeMs)
    } catch {
      return null
    }
  }
}

function lastLines(text: string): string {
  if (text.length <= mostWaiting) return text
  return `(some lines are missing here: the terminal was stopped; events.ndjson has all of them)\n${text.slice(text.indexOf('\n', text.length - mostWaiting) + 1)}`
}
