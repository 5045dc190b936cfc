const controlStart = '\u001b['

/** What a terminal shows after the board has written this: of the control codes, the board uses these three. */
export function screenAfter(written: string): readonly string[] {
  const screen: string[] = []
  let row = 0
  for (const part of written.split(controlStart)) {
    const [, count, code] = /^(\d*)([AJK])/.exec(part) ?? ['', '', '']
    if (code === 'A') row -= Number(count)
    if (code === 'J') screen.splice(row)
    for (const text of part.slice(`${count}${code}`.length).split(/(\n)/)) {
      if (text === '\n') row++
      else if (text !== '' && text !== '\r') screen[row] = text
    }
  }
  return Array.from(screen, line => line ?? '')
}

export interface Picture {
  readonly title: string
  readonly lines: readonly string[]
  readonly columns: number
}

const font = {
  size: 14,
  columnWidth: 8.4,
  lineHeight: 20,
  family: "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
}
const padding = 20
const titleHeight = 36

/** The lines as a terminal window. It has one colour, because the board has one. */
export function svgOf({ title, lines, columns }: Picture): string {
  const width = Math.ceil(columns * font.columnWidth) + 2 * padding
  const height = titleHeight + lines.length * font.lineHeight + 2 * padding
  const buttons = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, index) => `  <circle cx="${padding + index * 20}" cy="${titleHeight / 2}" r="6" fill="${color}"/>`,
  )
  const text = lines.flatMap((line, index) =>
    line === '' ? [] : textAt(line, titleHeight + padding + (index + 0.7) * font.lineHeight),
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${font.family}" font-size="${font.size}">`,
    `  <title>${escaped(title)}</title>`,
    `  <rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    `  <path d="M0 ${titleHeight}V10a10 10 0 0 1 10-10H${width - 10}a10 10 0 0 1 10 10V${titleHeight}z" fill="#21262d"/>`,
    ...buttons,
    `  <text x="${width / 2}" y="${titleHeight / 2 + 5}" text-anchor="middle" fill="#8b949e">${escaped(title)}</text>`,
    '  <g fill="#e6edf3">',
    ...text,
    '  </g>',
    '</svg>',
  ].join('\n')}\n`
}

/** Its length is given, so that columns are aligned whatever font is there. */
function textAt(line: string, y: number): string {
  const indent = line.length - line.trimStart().length
  const shown = line.trim()
  const place = `x="${rounded(padding + indent * font.columnWidth)}" y="${y}" textLength="${rounded(shown.length * font.columnWidth)}"`
  return `    <text ${place} lengthAdjust="spacingAndGlyphs" xml:space="preserve">${escaped(shown)}</text>`
}

function rounded(length: number): number {
  return Number(length.toFixed(1))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
