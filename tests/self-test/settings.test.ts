import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences } from '../../src/self-test/compare.ts'
import { knownDifference } from '../../src/self-test/known-differences.ts'
import { cover } from '../in-full.ts'
import { whole } from '../whole.ts'
import { seenIn } from './seen-in.ts'
import { everyFreeSetting, groupsOf, openSweep, type Sweep } from './sweep.ts'
import { everyVariable } from './variables.ts'

/** As many as there are keys. `npm run test:settings` has few in each replay. */
const inOneReplay = 1000
/** Each plays one value of every key. Few keys have more than three. */
const mostReplays = whole ? 100 : 3

let sweep: Sweep
beforeAll(async () => {
  sweep = await openSweep()
})
afterAll(() => sweep.dispose())

it('comes out the same under every setting of git', async () => {
  const settings = everyFreeSetting(sweep.files)
  expect(settings.length).toBeGreaterThan(whole ? 3000 : 1500)
  for (const group of groupsOf(settings, inOneReplay).slice(0, mostReplays))
    expect(await sweep.culprits(group)).toEqual([])
})

it('comes out the same in a repository whose objects have sha256 names', async () => {
  expect(differences(sweep.expected, await seenIn({ objects: 'sha256' }))).toEqual([])
})

it('comes out the same under every variable of git', async () => {
  expect(await sweep.seen([], Object.fromEntries(everyVariable(sweep.files)))).toEqual([])
})

describe('a setting that is left to the user changes what it is meant to, and no more', () => {
  const lane = 'refs > refs/heads/kitty/mission-demo-lane-a'
  /** The first two: the bytes of a commit, and how it is shown. */
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['filter.drv.clean', 'sed s/driven/cleaned/', [lane]],
    ['diff.drv.binary', 'true', ['show a change > text', 'summarise a change']],
    ['core.autocrlf', 'input', [lane]],
    ['core.excludesFile', 'trailing.txt', [lane, 'list changed files']],
    // What was put back through it is not what is committed: git itself calls the file changed.
    ['filter.drv.smudge', 'sed s/driven/smudged/', ['inspect after the review > dirty']],
    ['core.attributesFile', '*.txt filter=x', []],
    ['core.fileMode', 'false', [lane, 'list changed files']],
    ['core.safecrlf', 'true', ['look whether the host can merge > command']],
  ]
  it.each(cover(2, rows))('%s=%s', async (key, value, expected) => {
    writeFileSync(sweep.files.text, `${value}\n`)
    const setting = { scope: 'local' as const, key, value: key.endsWith('File') ? sweep.files.text : value }
    expect(knownDifference(key)).not.toBeNull()
    const found = await sweep.seen([setting])
    expect(found.map(({ where }) => where)).toEqual(expect.arrayContaining([...expected]))
    expect(found.filter(({ observed }) => observed.includes('"error"'))).toEqual([])
  })

  it('filter.drv.required without its program refuses the commit and loses nothing', async () => {
    const settings = [
      { scope: 'local' as const, key: 'filter.drv.required', value: 'true' },
      { scope: 'local' as const, key: 'filter.drv.clean', value: 'no-such-program' },
    ]
    const found = await sweep.seen(settings)
    const committed = found.find(
      ({ where }) => where === 'commit an implementation > error' || where === 'commit an implementation',
    )
    expect(committed?.observed).toContain('no-such-program')
  })
})

const unusable = [
  ['core.bare', 'true', 'core.bare is set, though it is a checkout'],
  ['core.repositoryFormatVersion', '99', 'Expected git repo version <= 1'],
  ['core.worktree', '/nowhere', '/nowhere'],
  ['extensions.objectFormat', 'sha256', 'v1-only extension'],
] as const
it.each(cover(2, unusable))('says what git has against a repository with %s=%s', async (key, value, cause) => {
  const found = await sweep.seen([{ scope: 'local', key, value }])
  expect(JSON.stringify(found).slice(0, 20_000)).toContain(cause)
  expect(found[0]?.where).toMatch(/^find the repository/)
})
