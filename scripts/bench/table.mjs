/** A Markdown table whose columns line up. */
export function table(head, rows) {
  const lines = [head, ...rows].map(cells => cells.map(String))
  const widths = head.map((_, column) => Math.max(3, ...lines.map(cells => cells[column].length)))
  const lineOf = cells => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const [first, ...others] = lines.map(lineOf)
  return [first, lineOf(widths.map(width => '-'.repeat(width))), ...others].join('\n')
}
