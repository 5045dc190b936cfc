import { describe, expect, it } from 'vitest'
import { owner, stashNotes } from '../../../src/core/repository/stash-crossing.ts'
import type { StashCrossing } from '../../../src/core/repository/stashed-elsewhere.ts'
import { attempt, record, wp } from '../samples.ts'

const crossing = (from: string, files: readonly string[] = ['a.txt', 'b.txt']): StashCrossing => ({
  from,
  commit: 'c0ffee',
  files,
})
const into = (id: string, ...crossings: readonly StashCrossing[]) =>
  record({ wpId: wp(id), attempts: [attempt(1), attempt(2, { stash: crossings })] })

describe('what the agents of WP01 are to know about the shared stash', () => {
  const received = (from: string, names: string) =>
    `An earlier attempt of this work package applied a git stash entry of ${from}: ${names}. Remove what is still in the tree and not asked for by this work package.`
  const given = (to: string) =>
    `A git stash entry made in this worktree was applied in that of ${to} (a.txt, b.txt). If it is missing here: git stash apply c0ffee`
  const many = Array.from({ length: 12 }, (_, index) => `f${index}`)

  it.each([
    ['nothing', [into('WP01'), into('WP02')], []],
    ['nothing about others', [into('WP02', crossing('WP03'))], []],
    ['what it took from another WP', [into('WP01', crossing('WP02'))], [received('WP02', 'a.txt, b.txt')]],
    [
      'what it took from a person',
      [into('WP01', crossing('main'))],
      [received('someone working outside the lane worktrees', 'a.txt, b.txt')],
    ],
    ['what another WP took from it', [into('WP01'), into('WP02', crossing('WP01'))], [given('WP02')]],
    [
      'both',
      [into('WP01', crossing('WP02')), into('WP02', crossing('WP01'))],
      [received('WP02', 'a.txt, b.txt'), given('WP02')],
    ],
    ['the same only once', [into('WP02', crossing('WP01'), crossing('WP01'))], [given('WP02')]],
    [
      'ten names',
      [into('WP01', crossing('WP02', many))],
      [received('WP02', 'f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 2 more')],
    ],
  ])('%s', (_, records, notes) => expect(stashNotes(wp('WP01'), records)).toEqual(notes))
})

it.each([
  ['WP02', 'WP02'],
  ['main', 'someone working outside the lane worktrees'],
])('an entry made in %s is of %s', (from, name) => expect(owner(from)).toBe(name))
