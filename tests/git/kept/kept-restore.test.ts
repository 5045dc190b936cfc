import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keep } from '../../../src/git/kept/kept.ts'
import { contentOf, countFiles } from '../../../src/git/kept/kept-content.ts'
import { dropKept, listKept, relabel } from '../../../src/git/kept/kept-refs.ts'
import { restoreKept } from '../../../src/git/kept/kept-restore.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

const target = ({ lane }: ScratchRepository) => ({ worktree: lane, runId: 'run-1', wpId: 'WP02' })

function keepNow(repository: ScratchRepository, why = 'attempt 1') {
  return keep({ ...target(repository), why, reason: 'snapshot', proven: false })
}

function read(repository: ScratchRepository, path: string): string {
  return readFileSync(join(repository.lane, path), 'utf8')
}

describe('what is kept', () => {
  it('is listed oldest first with its reason, counted, renamed and dropped', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    writeFileSync(join(lane, 'a.txt'), 'a')
    const first = await keepNow(repository)
    writeFileSync(join(lane, 'b\nb.txt'), 'b')
    const second = await keepNow(repository, 'attempt\u001b[31m 2')
    git(root, 'update-ref', 'refs/sko/kept/run-1/WP02/notes', 'HEAD')
    git(root, 'update-ref', 'refs/sko/kept/run-1/WP02/9', git(root, 'rev-parse', 'HEAD^{tree}'))
    const entries = await listKept(root)
    expect(entries).toMatchObject([
      { ref: first.ref, runId: 'run-1', wpId: 'WP02', number: 1, reason: 'snapshot', why: 'attempt 1', worktree: lane },
      { ref: second.ref, number: 2, why: 'attempt 2' },
    ])
    expect(await Promise.all(entries.map(entry => countFiles(root, entry)))).toEqual([1, 2])
    const content = entries[1] && (await contentOf(root, entries[1]))
    expect(content).toMatchObject({ files: ['a.txt', 'b\nb.txt'], base: git(lane, 'rev-parse', 'HEAD'), commits: [] })
    expect(content?.diffStat).toContain('2 files changed')

    const message = { ...target(repository), why: 'removed again', reason: 'removed' }
    await relabel(root, first.ref, first.commit, message)
    expect((await listKept(root))[0]).toMatchObject({ ref: first.ref, reason: 'removed', why: 'removed again' })
    await dropKept(root, await listKept(root))
    expect(await listKept(root)).toEqual([])
  })

  it('comes back byte for byte, with links and modes, through no filter; what was there is kept', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    writeFileSync(join(lane, '.gitattributes'), '*.txt text eol=crlf\n')
    writeFileSync(join(lane, 'lines.txt'), 'a\nb\r\n')
    mkdirSync(join(lane, 'deep', 'er'), { recursive: true })
    writeFileSync(join(lane, 'deep', 'er', 'ü\n.sh'), 'run', { mode: 0o755 })
    symlinkSync('/nowhere', join(lane, 'link'))
    const kept = await keepNow(repository)
    // First the attributes, under which a reset may write the line ends of base.txt.
    git(lane, 'clean', '-fdxq')
    git(lane, 'reset', '--quiet', '--hard')
    appendFileSync(join(lane, 'base.txt'), 'newer\n')
    writeFileSync(join(lane, 'lines.txt'), 'other')

    const restored = await restoreKept(target(repository), kept.commit, 'before')
    expect(restored.left).toEqual([])
    expect(restored.written.toSorted()).toEqual(['.gitattributes', 'base.txt', 'deep/er/ü\n.sh', 'lines.txt', 'link'])
    expect([read(repository, 'lines.txt'), read(repository, 'deep/er/ü\n.sh')]).toEqual(['a\nb\r\n', 'run'])
    expect(statSync(join(lane, 'deep', 'er', 'ü\n.sh')).mode & 0o111).not.toBe(0)
    expect(readlinkSync(join(lane, 'link'))).toBe('/nowhere')

    // What was overwritten comes back in the same way.
    const { before } = restored
    expect((await listKept(root)).at(-1)).toMatchObject({ ref: before?.ref, reason: 'before-restore', why: 'before' })
    await restoreKept(target(repository), before?.commit ?? '', 'before')
    expect([read(repository, 'base.txt'), read(repository, 'lines.txt')]).toEqual(['base\nnewer\n', 'other'])
  })

  it('overwrites nothing that would be lost, follows no link, and says what it left', async () => {
    const repository = scratchRepository()
    const { root, lane } = repository
    mkdirSync(join(lane, 'folder'))
    writeFileSync(join(lane, 'folder', 'a.txt'), 'a')
    writeFileSync(join(lane, 'file'), 'file')
    writeFileSync(join(lane, 'secret.env'), 'kept')
    const kept = await keepNow(repository)
    for (const path of ['folder', 'file', 'secret.env']) rmSync(join(lane, path), { recursive: true })
    const outside = join(root, '..', 'outside')
    mkdirSync(outside)
    symlinkSync(outside, join(lane, 'folder'))
    mkdirSync(join(lane, 'file'))
    writeFileSync(join(root, '.git', 'info', 'exclude'), 'secret.env\n')
    writeFileSync(join(lane, 'secret.env'), 'mine')

    const { left, written } = await restoreKept(target(repository), kept.commit, 'before')
    expect(left.toSorted()).toEqual([
      'file: a folder is in the way',
      'folder/a.txt: folder is in the way',
      'secret.env: a file that git ignores is there',
    ])
    expect([written, existsSync(join(outside, 'a.txt')), read(repository, 'secret.env')]).toEqual([[], false, 'mine'])
  })

  it('is written to no place outside the worktree, whatever made the commit', async () => {
    const repository = scratchRepository()
    const { root, lane, git } = repository
    const blob = git(root, 'rev-parse', 'HEAD:base.txt')
    const hooks = git(root, 'rev-parse', 'HEAD^{tree}')
    const planted = join(root, 'tree')
    writeFileSync(planted, `40000 .git\0`)
    const inner = `040000 tree ${hooks}\tdeep\n100644 blob ${blob}\tgood.txt\n`
    writeFileSync(planted, inner)
    const tree = git(root, 'hash-object', '-t', 'blob', planted)
    expect(tree).toHaveLength(40)
    const raw = Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(blob, 'hex')])
    writeFileSync(planted, raw)
    const evil = git(root, 'hash-object', '-w', '--literally', '-t', 'tree', planted)
    const commit = git(root, 'commit-tree', evil, '-m', 'evil')
    const { left, written } = await restoreKept(target(repository), commit, 'before')
    expect([written, left]).toEqual([[], ['..: not a valid path in a worktree']])
    expect(existsSync(lane)).toBe(true)
  })
})
