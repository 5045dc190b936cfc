import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../../core/text.ts'
import type { Cure } from '../../run/git-error.ts'

/**
 * The command after which git and a lane worktree name each other again, with every file as it is. `known`: the repository
 * still has its place below `.git/worktrees`, so that git only writes the `.git` file again.
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

/** `git worktree repair` writes through a link, into whatever else it is the name of, and refuses what is no file. */
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
