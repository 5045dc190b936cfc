import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBoard } from '../../src/report/board.ts'
import type { Event } from '../../src/run/events/event.ts'
import { screenAfter, svgOf } from './board-picture.ts'

const root = join(import.meta.dirname, '..', '..')
const size = { columns: 80, rows: 18 }
/** Two reviews run. */
const moment = '2026-11-30T03:50:57.500Z'

/** The last rows of a terminal at that moment of the recorded run. */
async function screenAt(time: string): Promise<readonly string[]> {
  const lines = readFileSync(join(root, 'fixtures', 'demo-run', 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
  const events = lines.map((line): Event => JSON.parse(line)).filter(({ at }) => at <= time)
  let written = ''
  const terminal = {
    write: (text: string) => {
      written += text
    },
    isReady: () => true,
    size: () => size,
    takesKeys: true,
  }
  const board = createBoard(terminal, () => Date.parse(time))
  for (const event of events) board.onEvent(event)
  const screen = screenAfter(written).slice(-size.rows)
  await board.close()
  return screen
}

describe('the picture of the board', () => {
  it('is what a recorded run shows (node scripts/board-picture.mjs draws it)', async () => {
    const lines = await screenAt(moment)
    expect(lines.at(-1)).toContain('WP02 review by scripted')
    expect(lines.filter(line => line.length > size.columns)).toEqual([])
    const svg = svgOf({ title: 'sko orchestrate --mission greetings-01M8N93P', lines, columns: size.columns })
    await expect(svg).toMatchFileSnapshot(join(root, 'docs', 'board.svg'))
  })

  it('reads what the board writes as a terminal does', () => {
    const first = 'one\u001b[K\ntwo\u001b[K\n\u001b[J'
    const second = '\u001b[2A\r\u001b[Ja line\nthree\u001b[K\n\u001b[J'
    expect(screenAfter(first)).toEqual(['one', 'two'])
    expect(screenAfter(first + second)).toEqual(['a line', 'three'])
  })

  it('writes text that looks like markup as text', () => {
    const svg = svgOf({ title: 'a & b', lines: ['<script>"x"</script>'], columns: 40 })
    expect(svg).toContain('a &amp; b</title>')
    expect(svg).toContain('>&lt;script&gt;&quot;x&quot;&lt;/script&gt;</text>')
  })
})
