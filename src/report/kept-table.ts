import { table } from '../core/format.ts'
import { type KeptEntry, mainCheckout } from '../core/repository/kept.ts'
import { oneLine, shellWord } from '../core/text.ts'

export interface ListedKept extends KeptEntry {
  /** Number of files that differ from HEAD at that time. */
  readonly files: number
}

const head = ['WP', 'number', 'when', 'files', 'why', 'ref']

/** The output of `sko kept`: a table, and the commands that show and restore a copy. */
export function keptTable(entries: readonly ListedKept[]): string {
  const last = entries.at(-1)
  if (last === undefined) return 'nothing is kept'
  const rows = entries.map(({ wpId, number, at, files, why, ref }) => [
    wpId,
    String(number),
    `${at.slice(0, 19).replace('T', ' ')} UTC`,
    String(files),
    oneLine(why, 100),
    ref,
  ])
  return [
    table([head, ...rows]),
    '',
    `see one:     sko kept ${last.wpId} --show ${last.number}`,
    `restore one: sko kept ${last.wpId} --restore ${last.number}`,
  ].join('\n')
}

/** The command that makes a branch of a copy. sko itself makes no branches. */
export function branchCommand(root: string, { wpId, number, runId, ref }: KeptEntry): string {
  const name = `kept/${wpId === mainCheckout ? mainCheckout : wpId}-${number}-${runId}`
  return `git -C ${shellWord(root)} branch ${shellWord(name)} ${shellWord(ref)}`
}

export function shownKept(
  entry: KeptEntry,
  content: { readonly diffStat: string; readonly commits: readonly string[]; readonly base: string | null },
): string {
  const { wpId, number, at, why, ref, commit } = entry
  const lines = [
    `${wpId} ${number}: ${oneLine(why)}`,
    `when:   ${at}`,
    `ref:    ${ref}`,
    `commit: ${commit}`,
    '',
    ...(content.diffStat === ''
      ? ['No file differs from the commit that was checked out.']
      : [
          `Compared with the commit that was checked out${content.base ? ` (${content.base.slice(0, 10)})` : ''}:`,
          content.diffStat,
        ]),
  ]
  const commits = ['', 'It also keeps these commits:', ...content.commits.map(line => `  ${oneLine(line)}`)]
  return [...lines, ...(content.commits.length === 0 ? [] : commits)].join('\n')
}
