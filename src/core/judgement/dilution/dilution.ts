/**
 * A change after which the tests or the checks may say less than before. It may be right; the reviewer must say why.
 *
 * - `failure-ignored`: a check still runs, but its failure no longer counts.
 * - `not-read`: too much was changed to look at this file.
 * - `others`: more changes than are listed.
 */
export const dilutionKinds = [
  'test-removed',
  'test-skipped',
  'assertions-removed',
  'threshold-lowered',
  'failure-ignored',
  'check-changed',
  'fixture-removed',
  'fixture-changed',
  'suppression-added',
  'not-read',
  'others',
] as const

export type DilutionKind = (typeof dilutionKinds)[number]

export interface Dilution {
  readonly kind: DilutionKind
  /** Fit to be shown. */
  readonly file: string
  /** In the new version of the file; null: the whole file. */
  readonly line: number | null
  /** The changed line, or where the file is now, quoted from the work: one line, bounded, without back quotes. May be empty. */
  readonly excerpt: string
}

/** With what the reviewer said about it. */
export interface AnsweredDilution extends Dilution {
  readonly answer: string
}

/** What happened, in words for a person: `tests/a.test.ts:3: a test is skipped`. */
export function dilutionWords({ kind, file, line, excerpt }: Dilution): string {
  const place = line === null ? file : `${file}:${line}`
  const quoted = excerpt === '' ? '' : ` (\`${excerpt}\`)`
  return `${place}: ${line === null ? wholeFile[kind] : inFile[kind]}${quoted}`
}

const inFile: Readonly<Record<DilutionKind, string>> = {
  'test-removed': 'tests were removed',
  'test-skipped': 'a test is skipped or others are left out',
  'assertions-removed': 'fewer assertions than before, or weaker ones',
  'threshold-lowered': 'a threshold asks for less, or is gone',
  'failure-ignored': 'a failure no longer counts',
  'check-changed': 'what the checks run was changed',
  'fixture-removed': 'a fixture was removed or moved',
  'fixture-changed': 'what a test expects was changed in a fixture or snapshot',
  'suppression-added': 'a finding of a checker is suppressed',
  'not-read': 'too much was changed for sko to look for weaker tests here',
  others: 'more such changes',
}

const wholeFile: Readonly<Record<DilutionKind, string>> = {
  ...inFile,
  'test-removed': 'a test file was removed, or renamed to what is no test',
  'check-changed': 'a file that the checks use was changed or removed',
}
