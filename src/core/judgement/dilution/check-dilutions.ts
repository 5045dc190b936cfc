import { ignoresFailure, leavesOut, mixedLines, namedInChecks } from './check-files.ts'
import type { FileChange } from './file-change.ts'
import { fileRole } from './file-role.ts'
import { type Found, found, whole } from './found.ts'
import { withoutMoved } from './moved-lines.ts'
import { comparedThresholds } from './thresholds.ts'

/** Changes of what the checks run: their scripts, configuration, CI and thresholds. */
export function checkDilutions(files: readonly FileChange[], commands: readonly string[]): readonly Found[] {
  // Between files, equal lines mean nothing: `"strict": true,` is in many.
  return files.flatMap(file => changesOf(file, commands))
}

function changesOf(file: FileChange, commands: readonly string[]): readonly Found[] {
  const { path, kind, movedTo } = file
  const isMixed = fileRole(path, commands) === 'mixed'
  if (kind === 'removed') return isMixed ? [] : [whole('check-changed', path, movedTo)]
  const lines = withoutMoved([file]).get(file) ?? { removed: [], added: [] }
  const ignored = lines.added.find(({ text }) => ignoresFailure.test(text))
  const { lowered, explained } = comparedThresholds(lines)
  const [threshold] = lowered
  const rest = (line: (typeof lines.added)[number]) => line !== ignored && !explained.has(line)
  const about = mixedLines(path)
  const isNamed = namedInChecks(path, commands)
  // A new file or line asks for more, unless it leaves something out.
  const removed = kind === 'added' ? [] : lines.removed.filter(rest)
  const added = lines.added.filter(line => rest(line) && ((isNamed && kind !== 'added') || leavesOut.test(line.text)))
  const changed = [...removed, ...added].find(({ text }) => !isMixed || about?.test(text))
  return [
    ...(threshold ? [found('threshold-lowered', path, threshold)] : []),
    ...(ignored ? [found('failure-ignored', path, ignored)] : []),
    ...(changed && kind !== 'added' ? [found('check-changed', path, changed)] : []),
  ]
}
