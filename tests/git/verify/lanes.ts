import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ReviewRecord } from '../../../src/core/record/review-record.ts'
import { createCommits } from '../../../src/git/history/commits.ts'
import { outcomeOf } from '../../../src/run/git/git-work.ts'
import { coverRange } from '../../../src/run/verify/cover-range.ts'
import { recordOf } from '../../core/verify/record-of.ts'
import { scratchRepository } from '../scratch-repository.ts'

type Files = Readonly<Record<string, string | null>>

/** A repository with two judged lanes, `a` and `b`, that were made from `work`. */
export interface Lanes {
  readonly root: string
  readonly base: string
  git(...args: readonly string[]): string
  /** Writes the files (null removes one) and commits on the branch. Returns the commit. */
  commit(branch: string, files: Files): string
  /** `change` is made before the merge is committed. */
  merge(into: string, from: readonly string[], change?: Files): string
  /** The record of a merge of both lanes. */
  record(strategy: ReviewRecord['target']['strategy'], more?: Partial<Parameters<typeof recordOf>[0]>): ReviewRecord
}

export const statusFile = 'kitty-specs/m/status.json'

export function twoLanes(base: Files = {}): Lanes {
  const { root, git: inFolder } = scratchRepository()
  const git = (...args: readonly string[]) => inFolder(root, ...args)
  const write = (files: Files) => {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) rmSync(join(root, path))
      else {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), text)
      }
    }
    git('add', '--all')
  }
  const commit = (branch: string, files: Files) => {
    git('checkout', '--quiet', branch)
    write(files)
    git('commit', '--quiet', '--allow-empty', '--message', `${branch}: ${Object.keys(files).join(' ')}`)
    return git('rev-parse', 'HEAD')
  }
  const start = commit('work', { 'shared.txt': tenLines(), ...base })
  git('branch', 'a')
  git('branch', 'b')
  const heads = { a: commit('a', { 'a.txt': 'a\n' }), b: commit('b', { 'b.txt': 'b\n' }) }
  return {
    root,
    base: start,
    git,
    commit,
    merge: (into, from, change = {}) => {
      git('checkout', '--quiet', into)
      try {
        git('merge', '--quiet', '--no-ff', '--no-commit', ...from)
      } catch {
        // A conflict, which `change` resolves.
      }
      write(change)
      git('commit', '--quiet', '--message', `merge ${from.join(' ')}`)
      return git('rev-parse', 'HEAD')
    },
    record: (strategy, more = {}) =>
      recordOf({
        before: start,
        after: git('rev-parse', 'work'),
        strategy,
        lanes: [
          { head: git('rev-parse', 'a'), workPackages: ['WP01'] },
          { head: git('rev-parse', 'b'), workPackages: ['WP02'] },
        ],
        judgements: [
          { workPackage: 'WP01', ranges: [{ base: start, head: heads.a }] },
          { workPackage: 'WP02', ranges: [{ base: start, head: heads.b }] },
        ],
        ...more,
      }),
  }
}

/** Ten lines, of which some are changed. */
export function tenLines(changed: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: 10 }, (_, line) => `${changed[line] ?? `line ${line}`}\n`).join('')
}

/** Each commit of `base..work` as `<subject>: <cover>`, with the files of what is uncovered; oldest first. */
export async function covers(lanes: Pick<Lanes, 'root' | 'base'>, ...records: readonly ReviewRecord[]) {
  const { root, base } = lanes
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const commits = createCommits(root, { runsDrivers: false })
  const found = await outcomeOf(coverRange(commits, { base, head: git('rev-parse', 'work') }, records))
  if (!found.ok) throw new Error(found.message)
  const { range, ofLanes } = found.data
  return [...range, ...ofLanes].toReversed().map(({ commit, cover }) => {
    const subject = git('--no-replace-objects', 'show', '--no-patch', '--format=%s', commit)
    if (cover.kind !== 'none') return `${subject}: ${cover.kind}`
    const given = cover.given === null ? '' : ` given ${cover.given}`
    return `${subject}: NOT${given} [${cover.files.toSorted().join(', ')}]`
  })
}
