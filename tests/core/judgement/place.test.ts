import { describe, expect, it } from 'vitest'
import { type FileLines, findPlace, pathsMeantBy } from '../../../src/core/judgement/place.ts'
import { wp } from '../samples.ts'

const worktree = '/repo/.worktrees/lane-a'
const wpId = wp('WP01')

describe('the paths that a reviewer may mean', () => {
  it.each<[string, readonly string[]]>([
    ['src/a.ts', ['src/a.ts']],
    ['  src/a.ts ', ['src/a.ts']],
    ['./src//a.ts', ['src/a.ts']],
    ['src/x/../a.ts', ['src/a.ts']],
    [`${worktree}/src/a.ts`, ['src/a.ts']],
    [`${worktree}//src/./a.ts`, ['src/a.ts']],
    ['src\\a.ts', ['src\\a.ts', 'src/a.ts']],
    ['.\\src\\a.ts', ['.\\src\\a.ts', 'src/a.ts']],
    ['src/dir/', ['src/dir']],
    ['c:x.ts', ['c:x.ts']],
    ['..a', ['..a']],
    ['x'.repeat(4096), ['x'.repeat(4096)]],
    ['x'.repeat(4097), []],
    ['', []],
    ['.', []],
    ['/', []],
    ['..', []],
    ['../a.ts', []],
    ['src/../../a.ts', []],
    ['..\\a.ts', ['..\\a.ts']],
    ['/etc/passwd', []],
    ['C:/a.ts', []],
    ['C:\\a.ts', ['C:\\a.ts']],
    [`${worktree}x/a.ts`, []],
    [`${worktree}/../a.ts`, []],
    [worktree, []],
    ['a\0b', []],
  ])('%j', (file, paths) => {
    expect(pathsMeantBy(file, worktree)).toEqual(paths)
  })

  it('in a worktree of a system with other signs', () => {
    expect(pathsMeantBy('C:\\repo\\lane\\src\\a.ts', 'C:\\repo\\lane\\')).toEqual([
      'C:\\repo\\lane\\src\\a.ts',
      'src/a.ts',
    ])
  })
})

describe('a place', () => {
  const file = (path: string, now: number | null, before: number | null): [string, FileLines] => [
    path,
    { path, now, before },
  ]
  const files = new Map([
    file('a.ts', 10, 12),
    file('new.ts', 3, null),
    file('gone.ts', null, 5),
    file('empty.ts', 0, null),
    file('WP02', 1, null),
    ['README.md', { path: 'Readme.md', now: 2, before: null }],
  ])
  const found = (name: string | null, line: number | null, id = wpId) =>
    findPlace({ file: name, line }, { wpId: id, worktree, files })

  it.each<[string, number | null, string, boolean]>([
    ['a.ts', 1, 'a.ts', true],
    ['a.ts', 10, 'a.ts', true],
    ['a.ts', 11, 'a.ts', false],
    ['a.ts', 12, 'a.ts', false],
    ['a.ts', null, 'a.ts', true],
    ['.\\a.ts', 1, 'a.ts', true],
    ['new.ts', 3, 'new.ts', true],
    ['gone.ts', 5, 'gone.ts', false],
    ['gone.ts', null, 'gone.ts', false],
    ['empty.ts', null, 'empty.ts', true],
    ['README.md', 2, 'Readme.md', true],
    ['WP01', null, 'WP01', true],
    [' WP01', 7, 'WP01', true],
  ])('%s:%s exists', (name, line, at, now) => {
    expect(found(name, line)).toEqual({ ok: true, file: at, now })
  })

  it('is a file before it is a work package', () => {
    expect(found('WP02', 1, wp('WP02'))).toEqual({ ok: true, file: 'WP02', now: true })
    expect(found('WP02', 2)).toMatchObject({ ok: false })
  })

  it.each<[string | null, number | null, string]>([
    [null, null, 'names no file'],
    [null, 3, 'names no file'],
    ['', null, 'names no file'],
    ['  ', 1, 'names no file'],
    ['b.ts', null, 'names b.ts, which is no file of the reviewed commit'],
    ['WP03', null, 'names WP03, which is no file of the reviewed commit'],
    ['../a.ts', 1, 'names ../a.ts, which is no file of the reviewed commit'],
    ['a.ts', 13, 'names line 13 of a.ts, which has 10 lines'],
    ['a.ts', 0, 'names line 0 of a.ts, which has 10 lines'],
    ['a.ts', -1, 'names line -1 of a.ts, which has 10 lines'],
    ['gone.ts', 6, 'names line 6 of gone.ts, which has 5 lines'],
    ['empty.ts', 1, 'names line 1 of empty.ts, which has 0 lines'],
    ['new.ts', 4, 'names line 4 of new.ts, which has 3 lines'],
  ])('%s:%s does not exist', (name, line, why) => {
    expect(found(name, line)).toEqual({ ok: false, why })
  })
})
