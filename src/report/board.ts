import { statSync } from 'node:fs'
import { oneLine, printable } from '../core/text.ts'
import type { Reporter } from '../run/events/event.ts'
import { type BoardSize, type BoardState, boardAfter, boardLines, emptyBoard } from './board-view.ts'
import { describe } from './describe.ts'
import { summary } from './summary.ts'

export interface Terminal {
  write(text: string): void
  /** False: it takes nothing just now, as after Ctrl+S. */
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
 * A live board under the plain lines. It is painted over itself in one write, so it does not flicker, and taken away
 * before a line is printed, so the scrollback holds lines only.
 */
export function createBoard(terminal: Terminal, now: () => number): Reporter {
  let state: BoardState = { ...emptyBoard, takesKeys: terminal.takesKeys }
  let painted = 0
  let finished = false
  /** Lines for a terminal that takes nothing: the last of them are kept for when it does. */
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
      // Whether or not it takes them now.
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
  return `(lines are missing here: the terminal took none; all are in events.ndjson)\n${text.slice(text.indexOf('\n', text.length - mostWaiting) + 1)}`
}
