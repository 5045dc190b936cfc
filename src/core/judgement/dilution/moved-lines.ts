import type { ChangedLine, Lines } from './changed-line.ts'
import type { FileChange } from './file-change.ts'

interface Remaining {
  readonly file: FileChange
  readonly left: Lines
}

/**
 * The lines without those that were only moved, within a file or between these files: each that was removed with each that
 * is the same and was added. Indentation and a comma at the end make no difference.
 */
export function withoutMoved(files: readonly FileChange[]): readonly Remaining[] {
  const removed = counts(files.flatMap(({ lines }) => lines?.removed ?? []))
  const added = counts(files.flatMap(({ lines }) => lines?.added ?? []))
  const moved = [...removed].map(([text, times]) => [text, Math.min(times, added.get(text) ?? 0)] as const)
  const left = { removed: new Map(moved), added: new Map(moved) }
  const rest = (lines: readonly ChangedLine[], open: Map<string, number>) =>
    lines.filter(({ text }) => {
      const key = bare(text)
      const times = open.get(key) ?? 0
      if (times > 0) open.set(key, times - 1)
      return key !== '' && times === 0
    })
  return files.map(file => ({
    file,
    left: { removed: rest(file.lines?.removed ?? [], left.removed), added: rest(file.lines?.added ?? [], left.added) },
  }))
}

function counts(lines: readonly ChangedLine[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const { text } of lines) found.set(bare(text), (found.get(bare(text)) ?? 0) + 1)
  return found
}

function bare(text: string): string {
  return text.trim().replace(/,$/, '')
}
