import type { ChangedLine, Lines } from './changed-line.ts'
import type { FileChange } from './file-change.ts'
import { isTestName, subjectOf } from './file-role.ts'
import type { Found } from './found.ts'
import { found, whole } from './found.ts'
import { type Language, languageOf } from './languages.ts'
import { withoutMoved } from './moved-lines.ts'

/** One test written as a table has a row for each of the tests that it replaces. */
const table =
  /\.each\b|\bparametrize\b|\bParameterizedTest\b|\bTheory\b|\brstest\b|\bDataProvider\b|range \w{1,20} \{$|\[\]struct ?\{/
const row =
  /^\s*(?:[[{(]|InlineData|\[(?:InlineData|DataRow|TestCase)\b|#\[case\b|@?CsvSource|["'`].{0,200}["'`],?\s*$)/

/** Tests that are gone, left out, or say less. `tests`: also code with tests in it. `removedCode`: what was removed beside them. */
export function testDilutions(tests: readonly FileChange[], removedCode: readonly FileChange[]): readonly Found[] {
  const subjects = new Set(removedCode.map(({ path }) => subjectOf(path)))
  return withoutMoved(tests).flatMap(({ file, left: lines }) => {
    const language = languageOf(file.path)
    const skipped = language === null ? [] : skippedIn(file, lines, language)
    return [...removedFrom(file, lines, language, subjects), ...skipped]
  })
}

function removedFrom(
  file: FileChange,
  lines: Lines,
  language: Language | null,
  subjects: ReadonlySet<string>,
): readonly Found[] {
  const { kind, path, movedTo } = file
  if (kind === 'removed') {
    if (movedTo !== null) return isTestName(path) && !isTestName(movedTo) ? [whole('test-removed', path, movedTo)] : []
    if (subjects.has(subjectOf(path)) || isMovedAway(file, lines, language)) return []
    return [whole('test-removed', path)]
  }
  return language === null ? [] : saysLess(path, lines, language)
}

/** All its tests and assertions are elsewhere now, and most of its lines; or it never had any, and its name is no test's. */
function isMovedAway({ path, lines }: FileChange, left: Lines, language: Language | null): boolean {
  if (lines === null) return false
  const tells = (line: ChangedLine) =>
    language !== null && (isCode(language, language.test)(line) || isCode(language, language.assertion)(line))
  if (!lines.removed.some(tells) && !isTestName(path)) return true
  const filled = lines.removed.filter(({ text }) => text.trim() !== '').length
  return filled > 0 && !left.removed.some(tells) && left.removed.length * 2 <= filled
}

function saysLess(path: string, { removed, added }: Lines, language: Language): readonly Found[] {
  const rows = added.some(({ text }) => table.test(text)) ? added.filter(({ text }) => row.test(text)).length : 0
  const tests = isCode(language, language.test)
  const assertions = isCode(language, language.assertion)
  const strong = (line: ChangedLine) => assertions(line) && !language.weak.test(line.text)
  const lost = (counted: (line: ChangedLine) => boolean) =>
    removed.filter(counted).length - added.filter(counted).length - rows
  const fewer = lost(assertions) > 0 || lost(strong) > 0
  const first = (counted: (line: ChangedLine) => boolean) => removed.find(counted)
  const replaced = removed.some(assertions) && !fewer
  const test = lost(tests) > 0 && !replaced && !isMerged({ removed, added }, tests) ? first(tests) : undefined
  if (test) return [found('test-removed', path, test)]
  const assertion = fewer ? first(lost(strong) > 0 ? strong : assertions) : undefined
  return assertion ? [found('assertions-removed', path, assertion)] : []
}

/** Only the lines that begin tests are gone: what they asserted is in the test before. */
function isMerged({ removed, added }: Lines, tests: (line: ChangedLine) => boolean): boolean {
  const others = (lines: readonly ChangedLine[]) => lines.filter(line => /\w/.test(line.text) && !tests(line))
  return others(removed).length === 0 && (added.some(tests) || others(added).length === 0)
}

function skippedIn({ path }: FileChange, { removed, added }: Lines, language: Language): readonly Found[] {
  const skips = isCode(language, language.skip)
  const more = added.filter(skips)
  const [first] = more
  return first && more.length > removed.filter(skips).length ? [found('test-skipped', path, first)] : []
}

function isCode({ comment }: Language, wanted: RegExp): (line: ChangedLine) => boolean {
  return ({ text }) => wanted.test(text) && !comment.test(text)
}
