import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'
import { createWorkspace } from '../throwing.ts'

const ten = Array.from({ length: 10 }, (_, line) => `line ${line + 1} of the file`)
const text = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('')
const withLine = (number: number, words: string) => text(ten.with(number - 1, words))

const odd = '-a "b" [é] *\n.txt'

/** Two commits in the lane: the files as they were, and as they became. */
async function commits(
  before: Readonly<Record<string, string | Uint8Array>>,
  change: (made: ScratchRepository) => void,
  prepare: (made: ScratchRepository) => void = () => {},
) {
  const made = scratchRepository()
  const { root, lane, git } = made
  prepare(made)
  for (const [path, content] of Object.entries(before)) {
    mkdirSync(dirname(join(lane, path)), { recursive: true })
    writeFileSync(join(lane, path), content)
  }
  const workspace = createWorkspace(root)
  const base = await workspace.commitAll(lane, 'before')
  change(made)
  const head = await workspace.commitAll(lane, 'after')
  return { workspace, lane, base, head, git }
}

const write =
  (path: string, content: string | Uint8Array) =>
  ({ lane }: ScratchRepository) =>
    writeFileSync(join(lane, path), content)

it.each<[string, (made: ScratchRepository) => void, readonly (readonly [number, number])[]]>([
  ['one line', write('a.txt', withLine(3, 'new')), [[3, 3]]],
  [
    'several places',
    write('a.txt', withLine(3, 'new').replace('line 7 of', 'seven of\nmore of')),
    [
      [3, 3],
      [7, 8],
    ],
  ],
  ['the first line added', write('a.txt', `new\n${text(ten)}`), [[1, 1]]],
  ['lines removed: those around', write('a.txt', text(ten.toSpliced(4, 2))), [[4, 5]]],
  ['the beginning removed', write('a.txt', text(ten.slice(2))), [[0, 1]]],
  ['the end of the last line', write('a.txt', text(ten).trimEnd()), [[10, 10]]],
  ['words that look like a hunk', write('a.txt', withLine(3, 'x\r@@ -1 +9 @@')), [[3, 3]]],
])('%s', async (_, change, expected) => {
  const { workspace, lane, base, head } = await commits({ 'a.txt': text(ten), 'b.txt': text(ten) }, change)
  expect(await workspace.changedLines(lane, base, head, ['a.txt', 'b.txt'])).toEqual(new Map([['a.txt', expected]]))
})

it.each<[string, string, (made: ScratchRepository) => void]>([
  ['a new file', 'new.txt', write('new.txt', 'new\n')],
  ['a removed file', 'a.txt', ({ lane }) => rmSync(join(lane, 'a.txt'))],
  [
    'a file that became a link',
    'a.txt',
    ({ lane }) => {
      rmSync(join(lane, 'a.txt'))
      symlinkSync('b.txt', join(lane, 'a.txt'))
    },
  ],
])('%s has changed throughout', async (_, path, change) => {
  const { workspace, lane, base, head } = await commits({ 'a.txt': text(ten), 'b.txt': text(ten) }, change)
  expect(await workspace.changedLines(lane, base, head, [path])).toEqual(new Map([[path, 'all']]))
})

it('of a renamed file only the lines that differ from what it was, and none when only its mode has changed', async () => {
  const { workspace, lane, base, head } = await commits(
    { 'a.txt': text(ten), 'b.txt': text(ten.toReversed()), 'c.txt': 'c\n' },
    ({ lane, git }) => {
      renameSync(join(lane, 'a.txt'), join(lane, 'moved.txt'))
      writeFileSync(join(lane, 'moved.txt'), withLine(6, 'line six'))
      renameSync(join(lane, 'b.txt'), join(lane, 'same.txt'))
      git(lane, 'update-index', '--chmod=+x', 'c.txt')
      git(lane, 'commit', '--quiet', '--message', 'mode')
    },
  )
  const changed = await workspace.changedLines(lane, base, head, ['moved.txt', 'same.txt', 'c.txt'])
  expect(changed).toEqual(new Map([['moved.txt', [[6, 6]]]]))
})

it('whatever attributes, drivers and settings of the project say, and whatever the file is called', async () => {
  const { workspace, lane, base, head } = await commits(
    {
      [odd]: text(ten),
      'picture.bin': new Uint8Array([1, 10, 0, 10, 3, 10]),
      '.gitattributes': '*.txt -diff\n*.bin diff=evil\n',
    },
    made => {
      write(odd, withLine(3, 'new').replace('line 5 of', 'five of'))(made)
      write('picture.bin', new Uint8Array([1, 10, 0, 10, 4, 10]))(made)
    },
    ({ lane, git }) => {
      for (const [key, value] of [
        ['diff.evil.command', 'false'],
        ['diff.evil.textconv', 'false'],
        ['diff.external', 'false'],
        ['diff.interHunkContext', '20'],
        ['diff.context', '20'],
        ['diff.noprefix', 'true'],
        ['color.ui', 'always'],
      ] as const)
        git(lane, 'config', key, value)
    },
  )
  const changed = await workspace.changedLines(lane, base, head, [odd, 'picture.bin'])
  expect(changed.get(odd)).toEqual([
    [3, 3],
    [5, 5],
  ])
  expect(changed.get('picture.bin')).toEqual([[3, 3]])
})

it('nothing between a commit and itself, and of no file', async () => {
  const { workspace, lane, base, head } = await commits({ 'a.txt': 'a\n' }, write('a.txt', 'b\n'))
  expect(await workspace.changedLines(lane, head, head, ['a.txt'])).toEqual(new Map())
  expect(await workspace.changedLines(lane, base, head, [])).toEqual(new Map())
})

it('counts the lines of the files that a commit has, and only of those', async () => {
  const made = await commits(
    {
      'a.txt': text(ten),
      'open.txt': 'one\ntwo',
      'empty.txt': '',
      [odd]: 'x\n',
      'dir/b.txt': 'b\n',
      '.gitattributes': '*.txt -diff\n',
      'picture.bin': new Uint8Array([0, 10, 0, 10]),
    },
    ({ lane }) => rmSync(join(lane, 'a.txt')),
  )
  const { workspace, lane, base, head } = made
  const asked = [
    'a.txt',
    'open.txt',
    'empty.txt',
    odd,
    'dir',
    'dir/b.txt',
    'picture.bin',
    '*.txt',
    'DIR/B.TXT',
    ':(top)',
    '-z',
  ]
  const counts = async (commit: string) =>
    Object.fromEntries([...(await workspace.lineCounts(lane, commit, asked))].map(([path, { lines }]) => [path, lines]))
  const always = { 'open.txt': 2, 'empty.txt': 0, [odd]: 1, 'dir/b.txt': 1, 'picture.bin': 2 }
  expect(await counts(base)).toEqual({ ...always, 'a.txt': 10 })
  expect(await counts(head)).toEqual(always)
  expect(await workspace.lineCounts(lane, head, [])).toEqual(new Map())
})

it('takes names of other capitals for the same only where the file system does, and only if one is meant', async () => {
  const { workspace, lane, head, git } = await commits(
    { 'Read.md': 'a\nb\n', 'x/Same.md': 'x\n', 'X/same.md': 'y\n' },
    write('new.txt', 'n\n'),
  )
  const asked = ['read.md', 'READ.MD', 'Read.md', 'x/same.md']
  expect([...(await workspace.lineCounts(lane, head, asked)).keys()]).toEqual(['Read.md'])
  git(lane, 'config', 'core.ignoreCase', 'true')
  const file = { path: 'Read.md', lines: 2 }
  expect(Object.fromEntries(await workspace.lineCounts(lane, head, asked))).toEqual({
    'Read.md': file,
    'READ.MD': file,
    'read.md': file,
  })
})

it('asks for many files in several calls', async () => {
  const { workspace, lane, head } = await commits({ 'a.txt': 'a\n' }, write('z.txt', 'z\n'))
  const asked = ['a.txt', ...Array.from({ length: 450 }, (_, n) => `no-${n}`), 'z.txt']
  expect([...(await workspace.lineCounts(lane, head, asked)).keys()]).toEqual(['a.txt', 'z.txt'])
})
