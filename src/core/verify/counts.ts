import { listed } from '../format.ts'
import type { Cover, CoveredCommit } from './cover.ts'

/** `12 commits`, `1 commit` */
export function howMany(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `3 judged (WP01, WP02 by codex), 2 the host's, 1 merge as git makes it` */
export function inWords(commits: readonly CoveredCommit[]): string {
  const covers = commits.map(({ cover }) => cover)
  const of = (kind: Cover['kind']) => covers.filter(cover => cover.kind === kind).length
  const confirmed = inOrder(covers.flatMap(cover => (cover.kind === 'confirmed' ? cover.workPackage : [])))
  const counted: readonly (readonly [number, string])[] = [
    [of('judged'), `${of('judged')} judged (${judgedBy(covers)})`],
    [of('confirmed'), `${of('confirmed')} confirmed by a person (${listed(confirmed)})`],
    [of('host'), `${of('host')} the host's`],
    [of('merge'), howMany(of('merge'), 'merge as git makes it', 'merges as git makes them')],
    [of('squash'), howMany(of('squash'), 'squash of the lanes', 'squashes of the lanes')],
    [of('rebase'), `${of('rebase')} of the lanes, rebased`],
    [of('empty'), `${of('empty')} without a change`],
    [of('none'), `${of('none')} NOT COVERED`],
  ]
  return counted.flatMap(([count, words]) => (count > 0 ? words : [])).join(', ')
}

/** An agent that judged all of them is named once. */
function judgedBy(covers: readonly Cover[]): string {
  const judged = covers.flatMap(cover => (cover.kind === 'judged' ? cover : []))
  const [agent, ...others] = inOrder(judged.map(cover => cover.agent))
  if (others.length === 0) return `${listed(inOrder(judged.map(({ workPackage }) => workPackage)))} by ${agent}`
  return listed(inOrder(judged.map(cover => `${cover.workPackage} by ${cover.agent}`)))
}

/** Each once; WP99 before WP100. */
function inOrder(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
