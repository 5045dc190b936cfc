import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../../core/text.ts'
import type { Cure } from '../git-error.ts'

/**
 * The command that makes git and a lane worktree point to each other again without changing its files. `known`: the
 * repository still has its folder below `.git/worktrees`, so git only writes the `.git` file.
 */
export function relinkCommand(repoRoot: string, path: string, known: boolean): Cure {
  const pointer = join(path, '.git')
  const here = `git -C ${shellWord(repoRoot)}`
  const aside = isReplaceable(pointer) ? [] : [`mv ${shellWord(pointer)} ${shellWord(unused(`${path}.git-aside`))}`]
  if (known) return [...aside, `${here} worktree repair`].join(' && ')
  const place = unused(`${path}.place`)
  return branch =>
    [
      ...aside,
      `${here} worktree add --quiet --no-checkout ${shellWord(place)} ${shellWord(branch)}`,
      `mv ${shellWord(join(place, '.git'))} ${shellWord(pointer)}`,
      `rmdir ${shellWord(place)}`,
      `${here} worktree repair ${shellWord(path)}`,
      `git -C ${shellWord(path)} reset --quiet`,
    ].join(' && ')
}

/** `git worktree repair` writes through symlinks and hard links, and refuses anything that is not a file. */
function isReplaceable(pointer: string): boolean {
  const stats = lstatSync(pointer, { throwIfNoEntry: false })
  return stats === undefined || (stats.isFile() && stats.nlink === 1)
}

function unused(path: string): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? path : `${path}-${n}`
    if (!existsSync(name)) return name
  }
}
