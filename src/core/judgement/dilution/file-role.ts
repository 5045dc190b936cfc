import { isConfigOfCheck, mixedLines, namedInChecks } from './check-files.ts'
import { languageOf } from './languages.ts'

/** What a file is to the tests and checks; null: nothing that is looked for. */
export type FileRole = 'test' | 'check' | 'mixed' | 'fixture' | 'code'

/** Not written by hand here. */
const foreign = /(?:^|\/)(?:node_modules|vendor|third_party|dist|build|target|\.venv)\//

const testName =
  /(?:^|\/)(?:test_[^/]*\.py|conftest\.py|[^/]*[._-](?:test|tests|spec|e2e|cy)\.\w{1,10}|[^/]*(?:Test|Tests|Spec|IT)\.(?:java|kt|groovy|scala|cs|fs|vb|php|swift)|test-[^/]*\.[cm]?[jt]s|[^/]*\.bats)$/
const testFolder = /(?:^|\/)(?:tests?|specs?|__tests__|e2e|cypress|[^/]*\.Tests?|androidTest)\//i
const fixtureFolder =
  /(?:^|\/)(?:fixtures?|__fixtures__|testdata|test[-_]data|goldens?|golden[-_]files|snapshots|__snapshots__|cassettes|__recordings__|baselines?)\//i
const fixtureName = /\.(?:snap|golden|approved\.\w+|ambr|cassette)$/i
const data =
  /\.(?:jsonl?|json5|ya?ml|toml|xml|csv|tsv|txt|html?|sql|svg|png|jpe?g|gif|bin|dat|out|err|log|proto|pb|ndjson|stdout|stderr)$/i

export function fileRole(path: string, checks: readonly string[]): FileRole | null {
  if (foreign.test(path)) return null
  if (fixtureFolder.test(path) || fixtureName.test(path)) return 'fixture'
  if (isTestName(path)) return 'test'
  if (namedInChecks(path, checks) || isConfigOfCheck(path)) return 'check'
  if (mixedLines(path) !== null) return 'mixed'
  if (testFolder.test(path)) return data.test(path) ? 'fixture' : languageOf(path) ? 'test' : null
  return languageOf(path) ? 'code' : null
}

/** Whether a runner takes it for a test by its name alone. */
export function isTestName(path: string): boolean {
  return testName.test(path)
}

/** `tests/test_sum.py` and `sum.py` are about `sum`. */
export function subjectOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const bare = name.replace(/^test[-_]/i, '').replace(/\..*$/, '')
  return bare.replace(/(?:[-_](?:test|tests|spec)|Tests?|Spec|IT)$/, '').toLowerCase()
}
