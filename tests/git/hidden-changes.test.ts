import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

type Hide = (made: ScratchRepository) => void

const attribute =
  (line: string): Hide =>
  ({ lane }) =>
    writeFileSync(join(lane, '.gitattributes'), `${line}\n`)
const setting =
  (key: string, value: string): Hide =>
  ({ lane, git }) =>
    git(lane, 'config', key, value)
const both =
  (...all: readonly Hide[]): Hide =>
  made => {
    for (const hide of all) hide(made)
  }

/** An implementer changes text, adds a picture, and sets git so that no diff shows the text. */
async function hiddenBy(hide: Hide) {
  const made = scratchRepository()
  const { root, lane, git } = made
  writeFileSync(join(lane, "it's [é].txt"), 'old words\n')
  git(lane, 'add', '--all')
  git(lane, 'commit', '--quiet', '--message', 'Before')
  const base = git(lane, 'rev-parse', 'HEAD')
  hide(made)
  writeFileSync(join(lane, "it's [é].txt"), 'new words\n')
  writeFileSync(join(lane, 'plain.md'), 'plain words\n')
  writeFileSync(join(lane, 'picture.png'), Buffer.from([1, 0, 2, 0]))
  const workspace = createWorkspace(root)
  const head = await workspace.commitAll(lane, 'WP01')
  return { workspace, lane, base, head }
}

describe('a change of text that git does not show', () => {
  it.each<[string, Hide]>([
    ['-diff', attribute('*.txt -diff')],
    ['binary, with all other files', attribute('* binary')],
    ['a driver that is binary', both(attribute('*.txt diff=odd'), setting('diff.odd.binary', 'true'))],
    ['a driver with a program', both(attribute('*.txt diff=odd'), setting('diff.odd.command', 'true'))],
    ['a driver with a converter', both(attribute('*.txt diff=odd'), setting('diff.odd.textconv', 'true'))],
    [
      'an attribute of the repository alone',
      ({ root }) => {
        mkdirSync(join(root, '.git/info'), { recursive: true })
        writeFileSync(join(root, '.git/info/attributes'), '*.txt -diff\n')
      },
    ],
    [
      'an attribute of a file elsewhere',
      ({ root, lane, git }) => {
        writeFileSync(join(root, '..', 'attributes'), '*.txt -diff\n')
        git(lane, 'config', 'core.attributesFile', join(root, '..', 'attributes'))
      },
    ],
  ])('by %s: is named, and shown to the reviewer', async (_, hide) => {
    const { workspace, lane, base, head } = await hiddenBy(hide)
    const names = await workspace.hiddenChanges(lane, base, head)
    expect(names).toContain("it's [é].txt")
    expect(names).not.toContain('picture.png')
    const all = await workspace.diff(lane, base, head, 10_000)
    expect(all.text).toMatch(/^-old words\n\+new words$/m)
    expect(all.text).toMatch(/^\+plain words$/m)
    expect(all.text).toMatch(/Binary files .*picture\.png.* differ/)
    const { text } = await workspace.diff(lane, base, head, 10_000, 'hidden')
    expect(text).toMatch(/^-old words\n\+new words$/m)
    expect(text).not.toContain('picture')
    expect((await workspace.diff(lane, base, head, 200)).cut).toBe(true)
  })

  it.each<[string, Hide]>([
    ['by nothing', () => undefined],
    ['but is a picture', attribute('*.png binary')],
    ['by a driver that shows text', both(attribute('*.txt diff=odd'), setting('diff.odd.xfuncname', '^x'))],
  ])('%s: nothing is named', async (_, hide) => {
    const { workspace, lane, base, head } = await hiddenBy(hide)
    expect(await workspace.hiddenChanges(lane, base, head)).toEqual([])
    expect((await workspace.diff(lane, base, head, 10_000, 'hidden')).text).toBe('')
    expect((await workspace.diff(lane, base, head, 10_000)).text).toMatch(/^-old words\n\+new words$/m)
  })
})
