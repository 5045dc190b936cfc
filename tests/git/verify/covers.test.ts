import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordOf } from '../../core/verify/record-of.ts'
import { gitAtHome } from '../template/git-at-home.ts'
import { covers, statusFile, tenLines, twoLanes } from './lanes.ts'

const judgedLanes = ['a: a.txt: judged', 'b: b.txt: judged']

describe('a merge of judged lanes', () => {
  it("covers everything: judged, merges as git makes them, the host's own, and what changes nothing", async () => {
    const lanes = twoLanes()
    lanes.commit('work', { [statusFile]: '1\n' })
    lanes.merge('work', ['a'])
    lanes.merge('work', ['b'])
    lanes.commit('work', { [statusFile]: '2\n' })
    lanes.commit('work', {})
    const record = lanes.record('merge')
    expect((await covers(lanes, record)).toSorted()).toEqual(
      [
        ...judgedLanes,
        'merge a: merge',
        'merge b: merge',
        ...[`work: ${statusFile}: host`, `work: ${statusFile}: host`],
        'work:: empty',
      ].toSorted(),
    )
    expect(await covers(lanes)).toContain('a: a.txt: NOT [a.txt]')
  })

  interface Case {
    /** Between the reviews and the merge. */
    readonly lanes?: (made: ReturnType<typeof twoLanes>) => void
    readonly after?: (made: ReturnType<typeof twoLanes>) => void
    readonly open: readonly string[]
  }

  it.each<[string, Case]>([
    [
      'a commit behind the one that was approved',
      { lanes: ({ commit }) => commit('a', { 'more.txt': '1\n' }), open: ['a: more.txt: NOT [more.txt]'] },
    ],
    [
      "one with files of the host, in a lane: an agent's",
      { lanes: ({ commit }) => commit('a', { [statusFile]: 'x\n' }), open: [`a: ${statusFile}: NOT [${statusFile}]`] },
    ],
    ['one picked from another lane', { lanes: ({ git }) => git('cherry-pick', 'b'), open: ['b: b.txt: NOT [b.txt]'] }],
    [
      'one on the target, and its revert',
      {
        after: ({ commit, git }) => {
          commit('work', { 'x.txt': 'x\n' })
          git('revert', '--no-edit', 'HEAD')
        },
        open: ['work: x.txt: NOT [x.txt]', 'Revert "work: x.txt": NOT [x.txt]'],
      },
    ],
    [
      'one of another mission of the host',
      {
        after: ({ commit }) => commit('work', { 'kitty-specs/other/status.json': '{}\n' }),
        open: ['work: kitty-specs/other/status.json: NOT [kitty-specs/other/status.json]'],
      },
    ],
    [
      'a merge of an unrelated history',
      {
        after: ({ git, commit }) => {
          git('checkout', '--quiet', '--orphan', 'other')
          git('rm', '-r', '-f', '--quiet', '.')
          git('commit', '--quiet', '--allow-empty', '--message', 'root')
          commit('other', { 'o.txt': 'o\n' })
          git('checkout', '--quiet', 'work')
          git('merge', '--quiet', '--no-edit', '--allow-unrelated-histories', 'other')
        },
        open: [
          expect.stringContaining('other: o.txt: NOT'),
          expect.stringContaining("Merge branch 'other' into work: NOT"),
        ],
      },
    ],
  ])('does not cover %s', async (_, { lanes: change, after, open }) => {
    const lanes = twoLanes()
    lanes.git('checkout', '--quiet', 'a')
    change?.(lanes)
    lanes.merge('work', ['a'])
    lanes.merge('work', ['b'])
    const record = lanes.record('merge')
    after?.(lanes)
    const found = await covers(lanes, record)
    expect(found.filter(line => line.includes('NOT'))).toEqual(open)
  })

  it('does not cover a submodule that was moved, whatever the commit says of it', async () => {
    const lanes = twoLanes()
    const link = (commit: string) => lanes.git('update-index', '--add', '--cacheinfo', `160000,${commit},sub`)
    lanes.merge('work', ['a'], { '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n\tignore = all\n' })
    link(lanes.base)
    lanes.git('commit', '--quiet', '--message', 'add')
    link(lanes.git('rev-parse', 'a'))
    lanes.git('commit', '--quiet', '--message', 'move')
    const found = await covers(lanes, lanes.record('merge'))
    expect(found.slice(-2)).toEqual(['add: NOT [sub]', 'move: NOT [sub]'])
  })

  it.each<[string, Parameters<ReturnType<typeof twoLanes>['merge']>[2], string]>([
    ['with something of its own', { 'own.txt': '1\n' }, 'NOT [own.txt]'],
    ['that drops what a lane has', { 'a.txt': null }, 'NOT [a.txt]'],
    ["with another state of the host's file", { [statusFile]: '3\n' }, 'merge'],
    ['with a file of an odd name', { 'a\nb': '1\n' }, 'NOT [a\nb]'],
  ])('%s is looked at', async (_, change, cover) => {
    const lanes = twoLanes()
    lanes.merge('work', ['a'], change)
    expect(await covers(lanes, lanes.record('merge'))).toContain(`merge a: ${cover}`)
  })

  it('of three branches at once is not explained', async () => {
    const lanes = twoLanes()
    lanes.merge('work', ['a', 'b'])
    expect(await covers(lanes, lanes.record('merge'))).toContain('merge a b: NOT [a.txt, b.txt]')
  })

  it('of one file that both sides changed is as git makes it, and a resolved conflict is not, unless it was judged', async () => {
    const lanes = twoLanes()
    lanes.commit('a', { 'shared.txt': tenLines({ 0: 'of a' }) })
    lanes.commit('b', { 'shared.txt': tenLines({ 9: 'of b', 0: 'of b' }) })
    const heads = [lanes.git('rev-parse', 'a'), lanes.git('rev-parse', 'b')]
    const judgements = heads.map((head, n) => ({ workPackage: `WP0${n + 1}`, ranges: [{ base: lanes.base, head }] }))
    lanes.merge('work', ['a'])
    const resolved = lanes.merge('work', ['b'], { 'shared.txt': tenLines({ 0: 'of both', 9: 'of b' }) })
    const record = lanes.record('merge', { judgements })
    expect(await covers(lanes, record)).toContain('merge b: NOT [shared.txt]')
    const shown = { workPackage: 'WP02', ranges: [{ base: `${lanes.base}`, head: resolved }] }
    expect(await covers(lanes, lanes.record('merge', { judgements: [...judgements, shown] }))).toContain(
      'merge b: judged',
    )
  })

  it('runs no merge driver that the repository names, and does not explain what needs one', async () => {
    const lanes = twoLanes({ '.gitattributes': 'shared.txt merge=odd\n' })
    const ran = join(lanes.root, '.git', 'ran')
    lanes.git('config', 'merge.odd.driver', `touch '${ran}'; cat %B >%A`)
    lanes.git('config', 'merge.default', 'odd')
    lanes.commit('a', { 'shared.txt': tenLines({ 0: 'of a' }) })
    lanes.commit('b', { 'shared.txt': tenLines({ 9: 'of b' }) })
    const judgements = ['a', 'b'].map(branch => ({
      workPackage: branch,
      ranges: [{ base: lanes.base, head: lanes.git('rev-parse', branch) }],
    }))
    lanes.merge('work', ['a'])
    expect(existsSync(ran)).toBe(false)
    lanes.merge('work', ['b'], { 'shared.txt': tenLines({ 0: 'of a', 9: 'of b' }) })
    rmSync(ran, { force: true })
    expect(await covers(lanes, lanes.record('merge', { judgements }))).toContain('merge b: NOT [shared.txt]')
    expect(existsSync(ran)).toBe(false)
  })
})

it('works in a sha256 repository', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sko-sha256-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const git = (...args: readonly string[]) => gitAtHome(folder)(folder, ...args)
  const commit = (message: string) => {
    git('commit', '--quiet', '--allow-empty', '--message', message)
    return git('rev-parse', 'HEAD')
  }
  git('init', '--quiet', '--initial-branch', 'work', '--object-format', 'sha256')
  const base = commit('base')
  git('checkout', '--quiet', '-b', 'a')
  writeFileSync(join(folder, 'a.txt'), 'a\n')
  git('add', '.')
  const head = commit('a')
  git('checkout', '--quiet', 'work')
  git('merge', '--quiet', '--no-ff', '--message', 'merge', 'a')
  writeFileSync(join(folder, 'b.txt'), 'b\n')
  git('add', '.')
  commit('b')
  const judgements = [{ workPackage: 'WP01', ranges: [{ base, head }] }]
  const record = recordOf({ before: base, after: git('rev-parse', 'work'), judgements })
  expect(await covers({ root: folder, base }, record)).toEqual(['a: judged', 'merge: merge', 'b: NOT [b.txt]'])
})

describe('who has looked', () => {
  it('a person who confirmed a commit has confirmed what it contains', async () => {
    const lanes = twoLanes()
    const confirmed = lanes.commit('a', { 'more.txt': '1\n' })
    lanes.merge('work', ['a'])
    const record = lanes.record('merge', { confirmations: [{ workPackage: 'WP01', commit: confirmed }] })
    expect(await covers(lanes, record)).toEqual(['a: a.txt: judged', 'a: more.txt: confirmed', 'merge a: merge'])
  })

  it('what was approved before the run is not covered, and named so', async () => {
    const lanes = twoLanes()
    lanes.merge('work', ['a'])
    const record = lanes.record('merge', {
      judgements: [],
      given: [{ workPackage: 'WP01', head: lanes.git('rev-parse', 'a') }],
    })
    expect(await covers(lanes, record)).toEqual(['a: a.txt: NOT given WP01 [a.txt]', 'merge a: merge'])
  })

  it('a part of what was judged is not what was judged', async () => {
    const lanes = twoLanes()
    const head = lanes.commit('a', { 'second.txt': '2\n' })
    lanes.merge('work', ['a^'])
    const record = lanes.record('merge', {
      judgements: [{ workPackage: 'WP01', ranges: [{ base: lanes.base, head }] }],
      lanes: [],
    })
    expect(await covers(lanes, record)).toContain('a: a.txt: NOT [a.txt]')
    lanes.merge('work', ['a'])
    expect((await covers(lanes, record)).join()).not.toContain('NOT')
  })

  it('a judgement whose commits this clone lacks covers nothing', async () => {
    const lanes = twoLanes()
    lanes.merge('work', ['a'])
    const head = lanes.git('rev-parse', 'a')
    const missing = [{ workPackage: 'WP01', ranges: [{ base: '1'.repeat(40), head }] }]
    expect(await covers(lanes, lanes.record('merge', { judgements: missing }))).toContain('a: a.txt: NOT [a.txt]')
  })
})

describe('a squash and a rebase', () => {
  const squash = ({ git }: ReturnType<typeof twoLanes>) => {
    git('checkout', '--quiet', 'work')
    git('merge', '--quiet', '--squash', 'a')
    git('commit', '--quiet', '--message', 'half')
    git('merge', '--quiet', '--squash', 'b')
    git('commit', '--quiet', '--amend', '--message', 'squash')
  }
  const rebase = ({ git }: ReturnType<typeof twoLanes>) => {
    git('checkout', '--quiet', 'work')
    git('cherry-pick', 'a', 'b')
  }

  it('have what the judged lanes have', async () => {
    const lanes = twoLanes()
    lanes.commit('work', { [statusFile]: '1\n' })
    squash(lanes)
    const before = lanes.git('rev-parse', 'work^')
    const found = await covers(lanes, lanes.record('squash', { before }))
    expect(found.toSorted()).toEqual([...judgedLanes, 'squash: squash', `work: ${statusFile}: host`])
  })

  it('have it beside what a person adds to the target, which is named', async () => {
    const other = twoLanes()
    other.commit('work', { 'of a person.txt': '1\n' })
    const start = other.git('rev-parse', 'work')
    rebase(other)
    const found = await covers(other, other.record('rebase', { before: start }))
    expect(found.filter(line => line.startsWith('work'))).toEqual(['work: of a person.txt: NOT [of a person.txt]'])
    expect(found.filter(line => line.endsWith('rebase'))).toHaveLength(2)
    expect(found.filter(line => line.endsWith('judged'))).toHaveLength(2)
  })

  it.each<[string, (lanes: ReturnType<typeof twoLanes>) => void, 'squash' | 'rebase', string]>([
    [
      'something of its own',
      lanes => {
        squash(lanes)
        lanes.commit('work', { 'x.txt': 'x\n' })
      },
      'squash',
      'work: x.txt: NOT [x.txt]',
    ],
    [
      'something of its own, in the same commit',
      lanes => {
        squash(lanes)
        lanes.commit('work', { 'x.txt': 'x\n' })
        lanes.git('reset', '--quiet', '--soft', 'HEAD^')
        lanes.git('commit', '--quiet', '--amend', '--no-edit')
      },
      'squash',
      'squash: NOT [x.txt]',
    ],
    [
      'a commit of another',
      lanes => {
        rebase(lanes)
        lanes.commit('work', { 'x.txt': 'x\n' })
      },
      'rebase',
      'work: x.txt: NOT [x.txt]',
    ],
    [
      'less than the lanes',
      ({ git, commit }) => {
        commit('work', { [statusFile]: '1\n' })
        git('cherry-pick', 'a')
      },
      'rebase',
      'a: a.txt: NOT [b.txt]',
    ],
    [
      'a commit of a lane that was not judged',
      lanes => {
        lanes.commit('b', { 'more.txt': '1\n' })
        squash(lanes)
      },
      'squash',
      'squash: NOT [a.txt, b.txt, more.txt]',
    ],
  ])('are not explained with %s', async (_, make, strategy, open) => {
    const lanes = twoLanes()
    make(lanes)
    expect(await covers(lanes, lanes.record(strategy))).toContain(open)
  })

  it('of a record that names the squash itself as its lane explain nothing', async () => {
    const lanes = twoLanes()
    const after = lanes.commit('work', { 'x.txt': 'x\n' })
    const record = lanes.record('squash', { lanes: [{ head: after, workPackages: ['WP01'] }], judgements: [] })
    expect(await covers(lanes, record)).toEqual(['work: x.txt: NOT [x.txt]'])
  })
})
