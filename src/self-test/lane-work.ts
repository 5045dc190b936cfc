import { chmod, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScratchPlace } from './place.ts'
import { writeFiles } from './seed.ts'

/** Every kind of change that a commit can hold. */
export async function implementWork({ lane }: ScratchPlace): Promise<void> {
  await writeFiles(lane, {
    'src/long.c': Array.from({ length: 60 }, (_, line) => `int f${line}(void) { return ${line * (line % 9)}; }\n`).join(
      '',
    ),
    'driven.drv': 'driven\nchanged\n',
    'data.bin': 'a\0b\0c\0changed\n',
    'line ends.txt': 'lf\ncrlf\r\nlf\nmore\r\n',
    'trailing.txt': 'space at the end   \n\ttabs\n\n\n',
    'new/ünïcode\ttab.txt': 'names\n',
    'new/deep/file.txt': 'deep\n',
    'new dos.txt': 'one\r\ntwo\r\n',
    'build.log': 'ignored\n',
    'empty.txt': '',
  })
  await rename(join(lane, 'src/moved.txt'), join(lane, 'src/moved here.txt'))
  await rm(join(lane, 'src/removed.txt'))
  await chmod(join(lane, 'run.sh'), 0o644)
  await rm(join(lane, 'link'))
  await symlink('src/long.c', join(lane, 'link'))
}

export async function laterWork({ lane }: ScratchPlace): Promise<void> {
  await writeFiles(lane, { 'later.txt': 'elsewhere\n' })
}

export async function reviewersEdits({ lane, git }: ScratchPlace): Promise<void> {
  await writeFiles(lane, { 'committed by the reviewer.txt': 'committed\n' })
  await git(lane, ['add', '--all'])
  await git(lane, ['commit', '--quiet', '--message', 'A commit of the reviewer'])
  await git(lane, ['checkout', '--quiet', '--detach'])
  await writeFiles(lane, {
    'driven.drv': 'driven\nby the reviewer\n',
    'data.bin': 'a\0b\0c\0by the reviewer\n',
    'line ends.txt': 'lf\ncrlf\r\n',
    'scratch/notes.txt': 'of the reviewer\n',
  })
  await writeFile(join(lane, 'src/long.c'), '')
}
