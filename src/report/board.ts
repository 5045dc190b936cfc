import { statSync } from 'node:fs'
import { oneLine, printable } from '../core/text.ts'
import { type BoardSize, type BoardState, boardAfter, boardLines, emptyBoard } from './board-view.ts'
import { describe, summary } from './describe.ts'
import type { Reporter } from './event.ts'

export interface Terminal {
  write(text: string): void
  size(): BoardSize
  /** The key p pauses and continues. */
  readonly takesKeys: boolean
}

const repaintMs = 1000
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
  const up = () => (painted > 0 ? `\u001b[${painted}A\r` : '')

  const paint = (above: string): void => {
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
      paint('')
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
