import type { ChangedLine, Lines } from './changed-line.ts'
import { ignoresFailure, leavesOut, mixedLines, namedInChecks } from './check-files.ts'
import type { FileChange } from './file-change.ts'
import { fileRole } from './file-role.ts'
import { type Found, found, whole } from './found.ts'
import { withoutMoved } from './moved-lines.ts'
import { comparedThresholds } from './thresholds.ts'

/** Changes of what the checks run: their scripts, configuration, CI and thresholds. */
export function checkDilutions(files: readonly FileChange[], commands: readonly string[]): readonly Found[] {
  // Between files, equal lines mean nothing: `"strict": true,` is in many.
  return files.flatMap(file => withoutMoved([file]).flatMap(({ left }) => changesOf(file, left, commands)))
}

function changesOf({ path, kind, movedTo }: FileChange, lines: Lines, commands: readonly string[]): readonly Found[] {
  const isMixed = fileRole(path, commands) === 'mixed'
  if (kind === 'removed') return isMixed ? [] : [whole('check-changed', path, movedTo)]
  const ignored = lines.added.find(({ text }) => ignoresFailure.test(text))
  const { lowered, explained } = comparedThresholds(lines)
  const [threshold] = lowered
  const rest = (line: ChangedLine) => line !== ignored && !explained.has(line)
  const about = isMixed ? mixedLines(path) : null
  const isNamed = namedInChecks(path, commands)
  // A new line asks for more, unless it leaves something out.
  const added = lines.added.filter(({ text }) => isNamed || leavesOut.test(text))
  const changed = [...lines.removed, ...added].filter(rest).find(({ text }) => about === null || about.test(text))
  return [
    ...(threshold ? [found('threshold-lowered', path, threshold)] : []),
    ...(ignored ? [found('failure-ignored', path, ignored)] : []),
    // So does a new file.
    ...(changed && kind !== 'added' ? [found('check-changed', path, changed)] : []),
  ]
}
